// [rule] arithmetic = "bfloat16": gradients near those in single precision, and as determined as they are.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace backspike::testing {
namespace {

struct outcome {
  batch_result result;
  std::vector<float> gradient;
};

outcome run(const trial& t, const rule_spec& rule, std::size_t threads = 1) {
  thread_pool pool(threads);
  engine e(t.net, t.objective, pool, rule);
  arena<float> gradient(t.net.parameters());
  outcome o;
  o.result = e.gradient(t.float_parameters(), t.batch(), gradient);
  o.gradient.assign(gradient.values().begin(), gradient.values().end());
  return o;
}

rule_spec rule_of(arithmetic_kind arithmetic, rule_kind kind = rule_kind::bptt, std::uint32_t every = 7) {
  rule_spec rule;
  rule.kind = kind;
  rule.memory = checkpoint_kind::fixed;
  rule.every = every;
  rule.arithmetic = arithmetic;
  return rule;
}

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    ab += static_cast<double>(a[k]) * b[k];
    aa += static_cast<double>(a[k]) * a[k];
    bb += static_cast<double>(b[k]) * b[k];
  }
  return ab / std::sqrt(aa * bb);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// What reaches the network: few events, all steps dense, or some.
enum class input { sparse, dense, mixed };

class Bfloat16 : public ::testing::TestWithParam<input> {
 protected:
  trial make() const {
    trial_plan plan;
    plan.network.inputs = 61;
    layer_spec first = quick_layer("lif", 90, true), second = quick_layer("cuba_lif", 40, false);
    first.recurrent = true;
    first.bias = true;
    plan.network.layers = {first, second, quick_layer("leaky_integrator", 5)};
    plan.lengths.clear();
    for (std::size_t s = 0; s < 30; ++s) {
      plan.lengths.push_back(13 + s % 20);
    }
    plan.rate = GetParam() == input::sparse ? 0.1 : GetParam() == input::dense ? 0.8 : 0.41;
    plan.graded = GetParam() != input::sparse;
    plan.gain = GetParam() == input::sparse ? 3.0 : 1.0;
    return trial(plan);
  }
};

INSTANTIATE_TEST_SUITE_P(
    All, Bfloat16, ::testing::Values(input::sparse, input::dense, input::mixed), [](const auto& tested) {
      return std::string(tested.param == input::sparse ? "sparse" : tested.param == input::dense ? "dense" : "mixed");
    });

TEST_P(Bfloat16, GradientsAreNearThoseInSinglePrecision) {
  const trial t = make();
  const outcome exact = run(t, rule_of(arithmetic_kind::fused)), rounded = run(t, rule_of(arithmetic_kind::bfloat16));
  ASSERT_GT(exact.result.hidden_spikes, 1000u);
  ASSERT_GT(std::ranges::count_if(exact.gradient, [](float g) { return g != 0.0f; }), 1000);
  EXPECT_FALSE(same_bits(rounded.gradient, exact.gradient));
  if (GetParam() == input::sparse) {  // the same spikes: inputs were not rounded
    EXPECT_EQ(rounded.result.hidden_spikes, exact.result.hidden_spikes);
    EXPECT_GT(cosine(rounded.gradient, exact.gradient), 0.9999);
  } else {  // a spike more or less is another gradient
    EXPECT_NEAR(static_cast<double>(rounded.result.hidden_spikes), static_cast<double>(exact.result.hidden_spikes),
                0.02 * static_cast<double>(exact.result.hidden_spikes));
    EXPECT_GT(cosine(rounded.gradient, exact.gradient), 0.9);
  }
}

TEST_P(Bfloat16, SameBitsAtAnyNumberOfThreads) {
  const trial t = make();
  const outcome expected = run(t, rule_of(arithmetic_kind::bfloat16));
  for (const std::size_t threads : {2u, 3u, 5u}) {
    EXPECT_TRUE(same_bits(run(t, rule_of(arithmetic_kind::bfloat16), threads).gradient, expected.gradient)) << threads;
  }
}

TEST_P(Bfloat16, SameBitsWithCheckpoints) {
  const trial t = make();
  const outcome expected = run(t, rule_of(arithmetic_kind::bfloat16));
  for (const std::uint32_t every : {3u, 7u, 16u}) {
    const outcome o = run(t, rule_of(arithmetic_kind::bfloat16, rule_kind::checkpointed_bptt, every), 2);
    EXPECT_TRUE(same_bits(o.gradient, expected.gradient)) << "every " << every;
    EXPECT_EQ(o.result.loss, expected.result.loss);
  }
}

}  // namespace
}  // namespace backspike::testing
