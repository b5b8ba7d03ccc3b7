// The list of learning rules: every kind has its entry, one small problem with a known gradient is given to each of
// them, and each has the same bits at any number of threads.

#include "gradient/compare.hpp"
#include "gradient/trial.hpp"

#include <backspike/gradient/learning_rule.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace backspike::testing {
namespace {

constexpr std::size_t longest = 24;

/// One hidden layer without recurrence, where e-prop is exact, too.
trial_plan feedforward() {
  trial_plan plan;
  plan.network.inputs = 10;
  plan.network.layers = {quick_layer("lif", 12), quick_layer("leaky_integrator", 3)};
  plan.lengths = {longest, 15, 7, 19, 11};
  return plan;
}

arena<float> gradient_of(const trial& t, const rule_spec& rule, std::size_t threads = 1) {
  thread_pool pool(threads);
  const auto parameters = t.float_parameters();
  arena<float> gradient(t.net.parameters());
  learning_rule learning(t.net, t.objective, pool, rule, 1);
  learning.start(parameters);
  const auto sums = learning.gradient(parameters, t.batch(), gradient);
  EXPECT_GT(sums.hidden_spikes, 20u);
  return gradient;
}

double largest_number(const arena<float>& of) {
  double top = 0.0;
  for (const float x : of.values()) {
    top = std::max(top, std::fabs(static_cast<double>(x)));
  }
  return top;
}

class EveryRule : public ::testing::TestWithParam<rule_kind> {
 protected:
  rule_spec rule() const {
    rule_spec spec;
    spec.kind = GetParam();
    spec.memory = checkpoint_kind::fixed;
    spec.every = 5;
    return spec;
  }
};

TEST_P(EveryRule, HasAnEntryOfItsOwn) {
  const rule_entry& entry = find_rule(GetParam());
  EXPECT_EQ(entry.kind, GetParam());
  ASSERT_NE(entry.make, nullptr);
  EXPECT_FALSE(name_of(GetParam()).empty());
  for (const rule_variant& variant : entry.variants == nullptr ? std::vector<rule_variant>() : entry.variants({}, 40)) {
    EXPECT_EQ(variant.rule.kind, GetParam());
    EXPECT_TRUE(variant.name.starts_with(name_of(GetParam()))) << variant.name;
  }
}

/// A window of 64 steps, the default, is all of these samples.
TEST_P(EveryRule, GivesTheExactGradientOfOneHiddenLayer) {
  const trial t(feedforward());
  const auto exact = gradient_of(t, {}), own = gradient_of(t, rule());
  const double top = largest_number(exact);
  ASSERT_GT(top, 1e-3);
  for (std::size_t k = 0; k < exact.values().size(); ++k) {
    ASSERT_NEAR(own.values()[k], exact.values()[k], 1e-5 * top) << k;
  }
}

TEST_P(EveryRule, HasTheSameBitsAtAnyNumberOfThreads) {
  trial_plan plan = feedforward();
  plan.network.layers.front().recurrent = true;
  const trial t(plan);
  const auto one = gradient_of(t, rule());
  ASSERT_GT(largest_number(one), 1e-3);
  for (const std::size_t threads : {2, 3}) {
    const auto more = gradient_of(t, rule(), threads);
    EXPECT_EQ(std::memcmp(one.values().data(), more.values().data(), one.values().size_bytes()), 0) << threads;
  }
}

/// What a rule needs beside the engine is what makes a forecast right: rules that go forward keep something.
TEST_P(EveryRule, TellsWhatItNeeds) {
  const trial t(feedforward());
  const rule_entry& entry = find_rule(GetParam());
  rule_spec forward = rule();
  forward.form = eprop_form::forward;
  if (is_forward(forward)) {
    ASSERT_NE(entry.bytes, nullptr);
    EXPECT_GT(entry.bytes(t.net, longest), t.net.parameters().floats() * sizeof(float));
  }
  EXPECT_FALSE(is_forward(forward) && keeps_checkpoints(forward));
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, ::testing::ValuesIn(all_of<rule_kind>()),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

}  // namespace
}  // namespace backspike::testing
