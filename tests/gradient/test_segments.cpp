// Windows of time: checkpointed BPTT gives the bits of full BPTT, truncated BPTT sends errors exactly as far as its
// window reaches.

#include "gradient/segments.hpp"

#include "gradient/compare.hpp"
#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

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
  bool same_bits(const outcome& other) const {
    const auto a = gradient.values(), b = other.gradient.values();
    return std::memcmp(a.data(), b.data(), a.size_bytes()) == 0 && sums.loss == other.sums.loss;
  }
};

rule_spec checkpoints_every(std::uint32_t steps) {
  rule_spec rule;
  rule.kind = rule_kind::checkpointed_bptt;
  rule.memory = checkpoint_kind::fixed;
  rule.every = steps;
  return rule;
}

rule_spec truncated(std::uint32_t window, std::uint32_t stride) {
  rule_spec rule;
  rule.kind = rule_kind::truncated_bptt;
  rule.window = window;
  rule.stride = stride;
  return rule;
}

class Checkpointed : public ::testing::TestWithParam<std::tuple<surrogate_kind, readout_kind>> {};

TEST_P(Checkpointed, HasTheBitsOfFullBptt) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    trial_plan plan = deep_plan(std::get<0>(GetParam()), seed);
    plan.objective.readout = std::get<1>(GetParam());
    const trial t(plan);
    const outcome full(t, {});
    ASSERT_GT(full.sums.hidden_spikes, 100u);
    ASSERT_GT(gradient_norm(full.gradient), 1e-3);
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

INSTANTIATE_TEST_SUITE_P(All, StepwiseLoss, ::testing::Values(loss_kind::step_cross_entropy, loss_kind::mean_squared),
                         [](const auto& tested) {
                           return tested.param == loss_kind::mean_squared ? "MeanSquared" : "StepCrossEntropy";
                         });

/// The dense path with its backward pass cut into windows by hand: an oracle that shares no code with the engine's.
arena<double> dense_truncated(const trial& t, std::size_t window, std::size_t stride) {
  arena<double> gradient(t.net.parameters());
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  auto e = dense_no_errors(m);
  const std::size_t last = e.size() - 1;
  const double weight = 1.0 / static_cast<double>(t.samples.size());
  for (const std::uint32_t s : t.samples) {
    const auto x = dense_forward(m, t.data, s);
    const trace_view<const double> y{x.populations[last].output.data(), x.steps, t.net.outputs(), t.net.outputs()};
    sample_objective<double> objective;
    objective.begin(t.objective, t.data.target(s), x.steps, t.net.outputs());
    objective.read(0, y);
    objective.finish();
    std::vector<double> error(x.populations[last].output.size());
    objective.error(0, y, weight, {error.data(), x.steps, t.net.outputs(), t.net.outputs()});
    for (std::size_t first = 0; first < x.steps; first += stride) {
      const std::size_t end = std::min(first + stride, x.steps), begin = end > window ? end - window : 0;
      for (std::size_t q = 0; q < e.size(); ++q) {
        e[q].current.assign(x.populations[q].current.size(), 0.0);
        e[q].state.assign(x.populations[q].state.size(), 0.0);
        e[q].output.assign(x.populations[q].output.size(), 0.0);
        const std::size_t units = m.at(q).units;
        for (std::size_t k = first * units; k < end * units; ++k) {
          e[q].output[k] = q == last ? error[k] : t.objective.rate_penalty * weight;
        }
      }
      for (std::size_t step = end; step-- > begin;) {
        for (std::size_t q = e.size(); q-- > 0;) {
          detail::dense_back_step(m, q, x.populations[q], e[q], step);
          for (const connection& c : t.net.connections()) {
            if (c.target == q) {
              detail::send_back(m, c, x, t.data, s, step, e, gradient);
            }
          }
        }
      }
    }
  }
  dense_pull_back(m, e, gradient);
  return gradient;
}

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
  rule.budget_mib = static_cast<double>(whole) / 8.0 / 1048576.0;
  EXPECT_LE(needs(settle_rule(rule, t.net, t.data, 64, 1, 0, whole)), whole / 8) << "its own budget comes first";
  rule.budget_mib = 0.01;
  EXPECT_THROW(settle_rule(rule, t.net, t.data, 64, 1, 0, whole), resource_error);
}

}  // namespace
}  // namespace backspike::testing
