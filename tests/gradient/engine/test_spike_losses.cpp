// Losses on spike trains through a network whose last layer spikes: finite differences in smooth mode, the engine
// beside the dense path, windows, and the rules that go forward in time.

#include "gradient/engine/segments.hpp"

#include "gradient/compare.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/random_graph.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

/// A recurrent layer and an output layer that spikes; the error goes through resets.
trial_plan spiking_plan(loss_kind loss, reset_kind reset, surrogate_kind surrogate) {
  trial_plan plan;
  plan.network.inputs = 5;
  layer_spec hidden = quick_layer("cuba_lif", 6, true), output = quick_layer("lif", 3, true);
  hidden.recurrent = true;
  for (layer_spec* layer : {&hidden, &output}) {
    layer->surrogate = {surrogate, 0.5, 1.0};
    layer->detach_reset = false;
    layer->reset = reset;
    layer->bias = true;
  }
  plan.network.layers = {hidden, output};
  plan.objective.loss = loss;
  plan.objective.kernel_width = 1.5;
  plan.objective.tau = 2.0;
  plan.objective.silence_penalty = 2.0;
  plan.objective.count_true = 4.0;
  plan.lengths = {12, 9};
  plan.gain = 3.0;
  return plan;
}

constexpr loss_kind losses[] = {loss_kind::soft_alignment, loss_kind::jitter,           loss_kind::van_rossum,
                                loss_kind::spike_count,    loss_kind::first_spike_time, loss_kind::class_spike_count};

using loss_case = std::tuple<loss_kind, reset_kind>;

class SpikeLossGradient : public ::testing::TestWithParam<loss_case> {};

TEST_P(SpikeLossGradient, EqualsFiniteDifferencesThroughTheReset) {
  trial_plan plan = spiking_plan(std::get<0>(GetParam()), std::get<1>(GetParam()), surrogate_kind::arctangent);
  trial t(plan);
  give_step_targets(t, 5);
  check_network_gradient(t);
}

TEST_P(SpikeLossGradient, EngineEqualsDenseInOnePieceAndInWindows) {
  trial_plan plan = spiking_plan(std::get<0>(GetParam()), std::get<1>(GetParam()), surrogate_kind::triangle);
  plan.lengths = {23, 1, 40, 17, 31};
  trial t(plan);
  give_step_targets(t, 6);
  drop_close_calls_of_dense(t);
  arena<double> expected(t.net.parameters());
  const auto dense = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  const outcome full(t, {});
  ASSERT_GT(full.sums.hidden_spikes, 50u);
  ASSERT_GT(full.norm(), 1e-3);
  EXPECT_NEAR(full.sums.loss, dense.loss, 1e-4 * dense.loss);
  EXPECT_EQ(full.sums.correct, dense.correct);
  expect_same_gradient(full.gradient, expected, 3e-4);
  for (const std::uint32_t every : {1u, 6u, 30u}) {
    EXPECT_TRUE(outcome(t, checkpoints_every(every), 2).same_bits(full)) << "every " << every;
  }
  EXPECT_TRUE(outcome(t, truncated(40, 40)).same_bits(full));
}

TEST_P(SpikeLossGradient, RtrlGivesTheGradientOfBptt) {
  trial t(spiking_plan(std::get<0>(GetParam()), std::get<1>(GetParam()), surrogate_kind::arctangent));
  give_step_targets(t, 7);
  arena<double> expected(t.net.parameters()), forward(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  rtrl_options all;
  all.all_parameters = true;
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &forward, all);
  expect_same_gradient(forward, expected, 1e-10, false);
}

INSTANTIATE_TEST_SUITE_P(All, SpikeLossGradient,
                         ::testing::Combine(::testing::ValuesIn(losses),
                                            ::testing::Values(reset_kind::subtract, reset_kind::to_value)),
                         [](const auto& tested) {
                           return std::string(name_of(std::get<0>(tested.param))) + "_" +
                                  std::string(name_of(std::get<1>(tested.param)));
                         });

TEST(FirstSpikeReadoutGradient, EqualsFiniteDifferences) {
  trial_plan plan = spiking_plan(loss_kind::cross_entropy, reset_kind::subtract, surrogate_kind::arctangent);
  plan.objective.readout = readout_kind::first_spike;
  check_network_gradient(trial(plan));
}

TEST(Terms, OfAnObjectiveAddUpInTheGradient) {
  trial_plan plan = spiking_plan(loss_kind::soft_alignment, reset_kind::subtract, surrogate_kind::arctangent);
  loss_spec term = plan.objective;
  term.loss = loss_kind::jitter;
  term.weight = 0.3;
  plan.objective.terms = {term};
  trial t(plan);
  give_step_targets(t, 8);
  check_network_gradient(t);
}

std::string refusal_of(trial& t) {
  try {
    check_batch("test", t.net, t.objective, t.batch());
  } catch (const user_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(SpikeTrainTargets, ThatMakeNoSenseAreRefusedWithTheirValues) {
  trial t(spiking_plan(loss_kind::soft_alignment, reset_kind::subtract, surrogate_kind::triangle));
  EXPECT_NE(refusal_of(t).find("step_targets"), std::string::npos) << refusal_of(t);
  give_step_targets(t, 9);
  EXPECT_EQ(refusal_of(t), "accepted");
  t.data.step_targets[7] = -2.0f;
  EXPECT_NE(refusal_of(t).find("-2.0"), std::string::npos) << refusal_of(t);
  std::ranges::fill(t.data.step_targets, 0.0f);
  EXPECT_NE(refusal_of(t).find("none that counts"), std::string::npos) << refusal_of(t);
  t.objective.loss = loss_kind::van_rossum;
  EXPECT_EQ(refusal_of(t), "accepted") << "silence can be a target";
}

TEST(Objectives, ThatMakeNoSenseAreRefusedWithTheirValues) {
  const auto refused = [](const objective_spec& objective) {
    try {
      check_objective("test", objective);
    } catch (const value_error& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  objective_spec objective;
  EXPECT_EQ(refused(objective), "accepted");
  objective.kernel_width = -1.5;
  EXPECT_NE(refused(objective).find("-1.5"), std::string::npos);
  objective = {};
  objective.tau = 0.0;
  EXPECT_NE(refused(objective).find("tau"), std::string::npos);
  objective = {};
  objective.weight = 0.0;
  objective.terms = {objective};
  EXPECT_NE(refused(objective).find("weights of the losses"), std::string::npos);
}

}  // namespace
}  // namespace backspike::testing
