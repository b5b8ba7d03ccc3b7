// Windows of time: checkpointed BPTT gives the bits of full BPTT, truncated BPTT sends errors exactly as far as its
// window reaches.

#include "gradient/engine/segments.hpp"

#include "gradient/compare.hpp"
#include "gradient/dense_truncated.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

/// Two hidden layers, the first recurrent, everything learned, samples of different lengths.
trial_plan deep_plan(surrogate_kind surrogate, std::uint64_t seed) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 9;
  layer_spec first = quick_layer("cuba_lif", 20, true), second = quick_layer("lif", 17);
  first.recurrent = true;
  first.bias = second.bias = true;
  second.reset = reset_kind::to_value;
  for (layer_spec* layer : {&first, &second}) {
    layer->surrogate = {surrogate, 0.6, 1.0};
    layer->detach_reset = false;
  }
  plan.network.layers = {first, second, quick_layer("leaky_integrator", 3)};
  plan.objective.rate_penalty = 0.01;
  plan.lengths = {23, 1, 0, 40, 17, 31};
  return plan;
}

class Checkpointed : public ::testing::TestWithParam<std::tuple<surrogate_kind, readout_kind>> {};

TEST_P(Checkpointed, HasTheBitsOfFullBptt) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    trial_plan plan = deep_plan(std::get<0>(GetParam()), seed);
    plan.objective.readout = std::get<1>(GetParam());
    const trial t(plan);
    const outcome full(t, {});
    ASSERT_GT(full.sums.hidden_spikes, 100u);
    ASSERT_GT(full.norm(), 1e-3);
    for (const std::uint32_t every : {1u, 2u, 7u, 16u, 39u, 40u, 41u}) {
      EXPECT_TRUE(outcome(t, checkpoints_every(every)).same_bits(full)) << "every " << every << ", seed " << seed;
      EXPECT_TRUE(outcome(t, checkpoints_every(every), 2).same_bits(full)) << "2 threads, every " << every;
    }
  }
}

std::string case_name(const ::testing::TestParamInfo<std::tuple<surrogate_kind, readout_kind>>& info) {
  constexpr const char* readouts[] = {"Max", "Mean", "Last", "Count"};
  return std::string(std::get<0>(info.param) == surrogate_kind::triangle ? "Compact" : "Infinite") +
         readouts[static_cast<std::size_t>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(All, Checkpointed,
                         ::testing::Combine(::testing::Values(surrogate_kind::triangle, surrogate_kind::fast_sigmoid),
                                            ::testing::Values(readout_kind::max, readout_kind::mean, readout_kind::last,
                                                              readout_kind::count)),
                         case_name);

/// Targets in time for a trial: labels and values of every step, some without a label or a weight.
void add_step_targets(trial& t) {
  random_stream random(7, random_purpose::test, 5);
  t.data.target_width = static_cast<std::uint32_t>(t.net.outputs());
  for (std::size_t r = 0; r < t.data.inputs.spikes.rows(); ++r) {
    t.data.step_labels.push_back(static_cast<std::int32_t>(random.below(4)) - 1);
    t.data.step_weights.push_back(random.uniform() < 0.2 ? 0.0f : static_cast<float>(random.uniform()));
    for (std::size_t k = 0; k < t.net.outputs(); ++k) {
      t.data.step_targets.push_back(static_cast<float>(random.normal()));
    }
  }
}

class StepwiseLoss : public ::testing::TestWithParam<loss_kind> {};

TEST_P(StepwiseLoss, EngineEqualsDenseAndCheckpointsChangeNothing) {
  trial_plan plan = deep_plan(surrogate_kind::triangle, 4);
  plan.objective.loss = GetParam();
  trial t(plan);
  add_step_targets(t);
  arena<double> expected(t.net.parameters());
  const auto dense = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  const outcome full(t, {});
  ASSERT_GT(full.sums.hidden_spikes, 100u);
  EXPECT_NEAR(full.sums.loss, dense.loss, 1e-3 * dense.loss);
  EXPECT_EQ(full.sums.correct, dense.correct);
  EXPECT_EQ(full.sums.counted, dense.counted);
  expect_same_gradient(full.gradient, expected, 2e-4);
  for (const std::uint32_t every : {1u, 6u, 30u}) {
    EXPECT_TRUE(outcome(t, checkpoints_every(every)).same_bits(full)) << "every " << every;
  }
}

INSTANTIATE_TEST_SUITE_P(All, StepwiseLoss,
                         ::testing::Values(loss_kind::step_cross_entropy, loss_kind::mean_squared,
                                           loss_kind::mean_absolute, loss_kind::huber),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

TEST(Truncated, EqualsTheDensePathCutByHand) {
  for (const auto& [window, stride] : {std::pair{5u, 5u}, {8u, 3u}, {12u, 1u}, {1u, 1u}, {25u, 10u}}) {
    trial_plan plan = deep_plan(surrogate_kind::fast_sigmoid, 11);
    plan.objective.readout = readout_kind::mean;
    trial t(plan);
    drop_close_calls(t);
    const outcome cut(t, truncated(window, stride));
    ASSERT_GT(cut.sums.hidden_spikes, 100u);
    expect_same_gradient(cut.gradient, dense_truncated(t, window, stride), 2e-4);
    EXPECT_TRUE(outcome(t, truncated(window, stride), 2).same_bits(cut));
  }
}

TEST(Truncated, EqualsFullBpttWhereTheWindowCoversTheSampleAndDiffersWhereItDoesNot) {
  const trial t(deep_plan(surrogate_kind::triangle, 12));
  const outcome full(t, {});
  arena<double> expected(t.net.parameters());
  std::ranges::copy(full.gradient.values(), expected.values().begin());
  for (const auto& [window, stride] : {std::pair{40u, 40u}, {64u, 7u}, {40u, 3u}}) {
    expect_same_gradient(outcome(t, truncated(window, stride)).gradient, expected, 1e-5);
  }
  const outcome cut(t, truncated(3, 3));
  double difference = 0.0;
  for (std::size_t k = 0; k < expected.values().size(); ++k) {
    difference = std::max(difference, std::fabs(expected.values()[k] - static_cast<double>(cut.gradient.values()[k])));
  }
  EXPECT_GT(difference, 1e-3);
}

/// Random graphs whose float spikes are those of double; `check` gets the trial and a stream to draw the windows from.
template <class Check>
void on_random_graphs(std::uint64_t graphs, const Check& check) {
  double spikes = 0.0;
  for (std::uint64_t seed = 1; seed <= graphs; ++seed) {
    SCOPED_TRACE(seed);
    trial t(random_plan(seed));
    give_step_targets(t, seed);
    drop_close_calls_of_dense(t);
    random_stream random(seed, random_purpose::test, 79);
    spikes += check(t, random);
    if (::testing::Test::HasFailure()) {
      break;
    }
  }
  EXPECT_GT(spikes, static_cast<double>(graphs) * 10.0) << "the graphs are silent";
}

TEST(CheckpointedProperty, HasTheBitsOfFullBpttOnRandomGraphs) {
  on_random_graphs(60, [](const trial& t, random_stream& random) {
    const outcome full(t, {});
    EXPECT_GT(full.norm(), 0.0);
    for (int draw = 0; draw < 3; ++draw) {
      const std::uint32_t every = 1 + random.below(26), threads = 1 + random.below(3);
      EXPECT_TRUE(outcome(t, checkpoints_every(every), threads).same_bits(full)) << every << ", threads " << threads;
    }
    return static_cast<double>(full.sums.hidden_spikes);
  });
}

TEST(TruncatedProperty, EqualsTheDensePathCutByHandOnRandomGraphs) {
  on_random_graphs(60, [](const trial& t, random_stream& random) {
    const std::uint32_t window = 1 + random.below(26), stride = 1 + random.below(window);
    const outcome cut(t, truncated(window, stride), 1 + random.below(3));
    // Where a softmax is certain, its error in float is 0 and in double some 1e-9.
    expect_same_gradient(cut.gradient, dense_truncated(t, window, stride), 1e-3, true, 1e-7);
    return static_cast<double>(cut.sums.hidden_spikes);
  });
}

TEST(Rules, RefuseWhatMakesNoSense) {
  const trial t(deep_plan(surrogate_kind::triangle, 1));
  thread_pool pool(1);
  const auto refusal = [&](const rule_spec& rule) {
    try {
      const engine e(t.net, t.objective, pool, rule);
    } catch (const value_error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(refusal(truncated(0, 1)), ::testing::HasSubstr("rule.window = 0 steps"));
  EXPECT_THAT(refusal(truncated(4, 0)), ::testing::HasSubstr("rule.stride = 0 steps"));
  EXPECT_THAT(refusal(truncated(4, 5)), ::testing::HasSubstr("at most rule.window, 4 steps"));
  EXPECT_THAT(refusal(checkpoints_every(0)), ::testing::HasSubstr("rule.every = 0 steps"));
}

TEST(Rules, AutomaticCheckpointsFitTheirBudgetOrSayWhatWouldBeNeeded) {
  trial_plan plan = deep_plan(surrogate_kind::triangle, 1);
  plan.lengths.assign(64, 1000);
  const trial t(plan);
  rule_spec rule;
  rule.kind = rule_kind::checkpointed_bptt;
  const auto needs = [&](const rule_spec& r) { return forecast_memory(t.net, t.data, 64, 1, r).total(); };
  const std::uint64_t whole = needs({});
  EXPECT_EQ(settle_rule(rule, t.net, t.data, 64, 1, 0, whole).every, 1000u) << "nothing runs twice where all fits";
  const rule_spec settled = settle_rule(rule, t.net, t.data, 64, 1, 0, whole / 4);
  EXPECT_LE(needs(settled), whole / 4);
  EXPECT_GT(settled.every, 30u);
  rule.budget_mib = static_cast<double>(whole) / 6.0 / 1048576.0;
  EXPECT_LE(needs(settle_rule(rule, t.net, t.data, 64, 1, 0, whole)), whole / 6) << "its own budget comes first";
  rule.budget_mib = 0.01;
  EXPECT_THROW(settle_rule(rule, t.net, t.data, 64, 1, 0, whole), resource_error);
}

}  // namespace
}  // namespace backspike::testing
