// The attack `fgsm`: one step of the whole budget along the gradient. [Goodfellow et al. 2015, ICLR]

#include "robustness/attack/attack_list.hpp"
#include "robustness/values/climbs.hpp"

namespace backspike {
namespace {

attack_proposal one_step(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                         const attack_progress& progress) {
  attack_options once = o;
  once.steps = once.restarts = 1;
  once.step_size = 1.0;
  return climb_in_groups(p, samples, once, progress, [&](value_climb& climb) { steps_of_one_size(climb, once); });
}

}  // namespace

attack_info fgsm_entry() {
  return {.name = "fgsm",
          .space = attack_space::values,
          .role = attack_role::one_step,
          .meaning = "one step of the whole budget along the gradient",
          .run = one_step};
}

}  // namespace backspike
