// The attack `pgd`: steps of one size along the gradient, back into the budget after each. [Madry et al. 2018, ICLR]

#include "robustness/attack/attack_list.hpp"
#include "robustness/values/climbs.hpp"

namespace backspike {
namespace {

constexpr double of_budget = 2.5;  // all steps together

attack_proposal climb(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                      const attack_progress& progress) {
  return climb_in_groups(p, samples, o, progress, [&](value_climb& c) { steps_of_one_size(c, o); });
}

}  // namespace

void take_steps(value_climb& climb, const attack_options& o) {
  const double size = o.budget * (o.step_size > 0.0 ? o.step_size : of_budget / o.steps);
  for (std::uint32_t step = 0; step < o.steps; ++step) {
    climb.look(true);
    for (const std::uint32_t s : climb.active()) {
      step_along(o.norm, size, climb.range(), sparse_share, climb.gradient(s), climb.now(s));
      project(o.norm, o.budget, climb.range(), climb.start(s), climb.now(s));
    }
  }
}

void steps_of_one_size(value_climb& climb, const attack_options& o) {
  for (std::uint32_t restart = 0; restart < o.restarts; ++restart) {
    climb.start_again(restart);
    take_steps(climb, o);
    climb.look(false);
  }
}

attack_info pgd_entry() {
  return {.name = "pgd",
          .space = attack_space::values,
          .role = attack_role::iterated,
          .meaning = "steps of one size along the gradient, from several places",
          .run = climb};
}

}  // namespace backspike
