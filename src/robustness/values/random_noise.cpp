// The attack `noise`: every value moves at random, and the draw with the largest loss is kept. What an attack that
// looks at the network has to beat.

#include <backspike/robustness/sample_losses.hpp>

#include "robustness/attack/attack_list.hpp"
#include "robustness/values/movable_values.hpp"

#include <utility>

namespace backspike {
namespace {

attack_proposal move_all(const attack_problem& p, const attack_samples& samples, const attack_options& o,
                         const attack_progress& progress) {
  movable_values movable(samples);
  sample_losses network(p.net, p.objective, p.pool);
  const auto order = every_sample(samples.data);
  std::vector<float> best = movable.start(), now = best;
  std::vector<double> highest(order.size());
  for (std::uint32_t draw = 0; draw < o.restarts; ++draw) {
    for (const std::uint32_t s : order) {
      random_stream random(o.seed, random_purpose::perturbation, (std::uint64_t{draw} << 32) + s);
      move_at_random(o.norm, o.budget, movable.range(), movable.of(std::span(movable.start()), s), random,
                     movable.of(std::span(now), s));
    }
    network.forward(p.parameters, {&movable.encode(now, 0, p.pool), order});
    for (const std::uint32_t s : order) {
      if (draw == 0 || network.losses()[s] > highest[s]) {
        highest[s] = network.losses()[s];
        std::ranges::copy(movable.of(std::span(std::as_const(now)), s), movable.of(std::span(best), s).begin());
      }
    }
    if (progress) {
      progress(draw + 1, o.restarts);
    }
  }
  attack_proposal proposal = movable.propose(std::move(best), p.pool);
  proposal.queries.assign(order.size(), o.restarts);
  proposal.gradients.assign(order.size(), 0);
  return proposal;
}

}  // namespace

attack_info random_noise_entry() {
  return {.name = "noise",
          .space = attack_space::values,
          .role = attack_role::random,
          .meaning = "every value moves at random; the best of the restarts",
          .run = move_all};
}

}  // namespace backspike
