#pragma once
// What the engine makes of a trial under a learning rule, and short spellings of the rules that cut time into windows.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <cstring>

namespace backspike::testing {

/// The gradient and the sums of a batch under a rule.
struct outcome {
  arena<float> gradient;
  batch_result sums;

  outcome(const trial& t, const rule_spec& rule, std::size_t threads = 1) : gradient(t.net.parameters()) {
    thread_pool pool(threads);
    engine simulation(t.net, t.objective, pool, rule);
    const auto parameters = t.float_parameters();
    sums = simulation.gradient(parameters, t.batch(), gradient);
  }
  double norm() const {
    thread_pool pool(1);
    return gradient_norm(gradient, pool);
  }
  bool same_bits(const outcome& other) const {
    const auto a = gradient.values(), b = other.gradient.values();
    return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0 && sums.loss == other.sums.loss;
  }
};

inline rule_spec checkpoints_every(std::uint32_t steps) {
  rule_spec rule;
  rule.kind = rule_kind::checkpointed_bptt;
  rule.memory = checkpoint_kind::fixed;
  rule.every = steps;
  return rule;
}

inline rule_spec truncated(std::uint32_t window, std::uint32_t stride) {
  rule_spec rule;
  rule.kind = rule_kind::truncated_bptt;
  rule.window = window;
  rule.stride = stride;
  return rule;
}

}  // namespace backspike::testing
