// Bitwise the same at any number of threads. Instruction sets are compared kernel by kernel in kernels/test_isa.cpp:
// the table is chosen once in a process.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace backspike::testing {
namespace {

struct outcome {
  std::vector<float> gradient;
  batch_result result, evaluated;
  predictions kept;
};

outcome run(const trial& t, std::size_t threads, arithmetic_kind arithmetic = arithmetic_kind::separate) {
  thread_pool pool(threads);
  rule_spec rule;
  rule.arithmetic = arithmetic;
  engine e(t.net, t.objective, pool, rule);
  const arena<float> parameters = t.float_parameters();
  arena<float> gradient(t.net.parameters());
  outcome o;
  o.result = e.gradient(parameters, t.batch(), gradient);
  o.gradient.assign(gradient.values().begin(), gradient.values().end());
  o.evaluated = e.evaluate(parameters, t.batch(), &o.kept);
  return o;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

class Determinism : public ::testing::TestWithParam<surrogate_kind> {
 protected:
  /// Wide enough for several tiles of a weight, more samples than are in flight, every kind of parameter.
  trial_plan plan() const {
    trial_plan plan;
    plan.network.inputs = 150;
    layer_spec first = quick_layer("lif", 90, true), second = quick_layer("cuba_lif", 40, false);
    first.surrogate.kind = second.surrogate.kind = GetParam();
    first.bias = true;
    first.recurrent = true;
    plan.network.layers = {first, second, quick_layer("leaky_integrator", 5)};
    plan.lengths.clear();
    for (std::size_t s = 0; s < 80; ++s) {
      plan.lengths.push_back(3 + s % 20);
    }
    plan.rate = 0.1;
    plan.gain = 3.0;
    plan.objective.rate_penalty = 0.001;
    return plan;
  }
};

TEST_P(Determinism, SameBitsAtAnyNumberOfThreads) {
  const trial t(plan());
  const outcome expected = run(t, 1);
  EXPECT_GT(expected.result.hidden_spikes, 1000u);
  EXPECT_GT(std::ranges::count_if(expected.gradient, [](float g) { return g != 0.0f; }), 1000);
  for (const std::size_t threads : {1u, 2u, 3u, 5u}) {
    const outcome o = run(t, threads);
    SCOPED_TRACE(threads);
    EXPECT_TRUE(same_bits(o.gradient, expected.gradient));
    EXPECT_EQ(o.result.loss, expected.result.loss);
    EXPECT_EQ(o.evaluated.loss, expected.result.loss);
    EXPECT_EQ(o.evaluated.correct, expected.result.correct);
    EXPECT_TRUE(same_bits(o.kept.scores, expected.kept.scores));
    EXPECT_EQ(o.kept.labels, expected.kept.labels);
    EXPECT_EQ(o.kept.spikes, expected.kept.spikes);
  }
}

/// Rounding once instead of twice: other bits within rounding, and the same ones at any number of threads.
TEST_P(Determinism, FusedSumsAreAsDetermined) {
  const trial t(plan());
  const outcome separate = run(t, 1), fused = run(t, 1, arithmetic_kind::fused);
  float largest = 0.0f;
  for (const float g : separate.gradient) {
    largest = std::max(largest, std::fabs(g));
  }
  ASSERT_GT(largest, 0.0f);
  for (std::size_t k = 0; k < fused.gradient.size(); ++k) {
    ASSERT_NEAR(fused.gradient[k], separate.gradient[k], 1e-4f * largest);
  }
  if (!has_compact_support(GetParam())) {
    EXPECT_FALSE(same_bits(fused.gradient, separate.gradient));
  }
  EXPECT_EQ(fused.result.hidden_spikes, separate.result.hidden_spikes);
  EXPECT_TRUE(same_bits(run(t, 3, arithmetic_kind::fused).gradient, fused.gradient));
}

INSTANTIATE_TEST_SUITE_P(All, Determinism, ::testing::Values(surrogate_kind::fast_sigmoid, surrogate_kind::triangle));

}  // namespace
}  // namespace backspike::testing
