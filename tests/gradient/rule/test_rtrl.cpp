// RTRL against backpropagation through time: the same gradient to rounding, whatever the cell, the reset, the loss.

#include "gradient/compare.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace backspike::testing {
namespace {

constexpr double tolerance = 1e-10;  // of the largest entry of a parameter's gradient

double largest_of(const arena<double>& gradient, const char* name) { return largest(gradient.view(name)); }

void expect_alive_gradient(const trial& t, const arena<double>& gradient, double spikes) {
  EXPECT_GT(spikes, 3.0) << "the hidden layers are silent";
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    if (t.net.parameters()[i].name.ends_with("weight")) {
      EXPECT_GT(largest(gradient.view(i)), 1e-7) << t.net.parameters()[i].name;
    }
  }
}

void expect_equals_bptt(const trial& t, spike_mode mode, bool alive = true) {
  arena<double> expected(t.net.parameters()), actual(t.net.parameters());
  const auto reverse = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
  const auto forward = rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), mode, &actual);
  if (alive) {
    expect_alive_gradient(t, expected, reverse.hidden_spikes);
  }
  EXPECT_NEAR(forward.loss, reverse.loss, 1e-12 * std::max(1.0, reverse.loss));
  EXPECT_NEAR(forward.hidden_spikes, reverse.hidden_spikes, 1e-9);
  EXPECT_EQ(forward.predicted, reverse.predicted);
  double top = 0.0;  // a random graph may have some parameter whose gradient is small beside what it is the sum of
  for (std::size_t i = 0; !alive && i < t.net.parameters().size(); ++i) {
    top = std::max(top, largest(std::as_const(expected).view(i)));
  }
  expect_same_gradient(actual, expected, tolerance, true, 1e-12 + tolerance * top);
}

trial_plan plan_for(const std::string& cell) {
  trial_plan plan;
  plan.network.inputs = 8;
  layer_spec hidden = quick_layer(cell, 9, true);
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  hidden.bias = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.lengths = {30, 0, 1, 21};
  plan.rate = 0.3;
  plan.gain = lively_gain(cell);
  plan.objective.logit_scale = 0.2;  // a confident softmax has no gradient left to compare
  return plan;
}

using rtrl_case = std::tuple<std::string, reset_kind, bool, bool>;

class Rtrl : public ::testing::TestWithParam<rtrl_case> {};

TEST_P(Rtrl, EqualsBpttInBothModes) {
  const auto [cell, reset, detach, recurrent] = GetParam();
  trial_plan plan = plan_for(cell);
  plan.network.layers[0].reset = reset;
  plan.network.layers[0].detach_reset = detach;
  plan.network.layers[0].recurrent = recurrent;
  const trial t(plan);
  expect_equals_bptt(t, spike_mode::hard);
  expect_equals_bptt(t, spike_mode::smooth);
}

std::string name_of_case(const ::testing::TestParamInfo<rtrl_case>& info) {
  constexpr std::string_view resets[] = {"Subtract", "ToValue", "None"};
  const auto [cell, reset, detach, recurrent] = info.param;
  return cell + std::string(resets[static_cast<std::size_t>(reset)]) + (detach ? "Detached" : "") +
         (recurrent ? "Recurrent" : "");
}

INSTANTIATE_TEST_SUITE_P(All, Rtrl,
                         ::testing::Combine(::testing::ValuesIn(spiking_cells()),
                                            ::testing::Values(reset_kind::subtract, reset_kind::to_value,
                                                              reset_kind::none),
                                            ::testing::Bool(), ::testing::Bool()),
                         name_of_case);

TEST(RtrlGradient, EqualsBpttForEveryLossAndReadoutWithWeightedSteps) {
  for (const loss_kind loss : all_of<loss_kind>()) {
    for (const readout_kind readout :
         {readout_kind::max, readout_kind::mean, readout_kind::last, readout_kind::count}) {
      trial_plan plan = plan_for("lif");
      plan.network.layers[0].recurrent = true;
      plan.objective = objective_of(loss, readout, readout == readout_kind::count ? 0.1 : 0.8, 0.1, 0.03);
      trial t(plan);
      give_step_targets(t, 5);
      SCOPED_TRACE(static_cast<int>(loss) * 10 + static_cast<int>(readout));
      expect_equals_bptt(t, spike_mode::hard);
      expect_equals_bptt(t, spike_mode::smooth);
    }
  }
}

TEST(RtrlGradient, EqualsBpttForAReadoutThatSpikes) {
  trial_plan plan = plan_for("cuba_lif");
  plan.network.layers[1] = plan.network.layers[0];
  plan.network.layers[1].size = 3;
  plan.network.layers[0].recurrent = plan.network.layers[1].recurrent = true;
  plan.objective.readout = readout_kind::count;
  plan.objective.logit_scale = 0.3;
  const trial t(plan);
  expect_equals_bptt(t, spike_mode::hard);
  expect_equals_bptt(t, spike_mode::smooth);
}

TEST(RtrlProperty, EqualsBpttOnRandomGraphs) {
  double spikes = 0.0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    trial t(random_plan(seed));
    give_step_targets(t, seed);
    expect_equals_bptt(t, seed % 2 == 0 ? spike_mode::hard : spike_mode::smooth, false);
    spikes +=
        dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, nullptr).hidden_spikes;
    if (HasFailure()) {
      break;
    }
  }
  EXPECT_GT(spikes, 60.0 * 10.0);
}

TEST(RtrlGradient, LeavesOutWhatIsNotLearnedUnlessAsked) {
  trial_plan plan = plan_for("lif");
  for (auto& [name, value] : plan.network.layers[0].parameters) {
    value.learn = name == "v_th";
  }
  const trial t(plan);
  arena<double> expected(t.net.parameters()), learned(t.net.parameters()), all(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  rtrl_options everything;
  everything.all_parameters = true;
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &learned);
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &all, everything);
  expect_same_gradient(learned, expected, tolerance);
  expect_same_gradient(all, expected, tolerance, false);
  EXPECT_GT(largest_of(expected, "hidden1.tau_m"), 1e-6);
  EXPECT_EQ(largest_of(learned, "hidden1.tau_m"), 0.0);
  EXPECT_LT(rtrl_bytes(t.net), rtrl_bytes(t.net, everything));
}

/// Feedforward there is nothing between neurons of a layer to cut; with recurrence the cut has to show.
TEST(RtrlGradient, TheCutLeavesOutRecurrentInfluenceOnly) {
  for (const bool recurrent : {false, true}) {
    trial_plan plan = plan_for("lif");
    plan.network.layers[0].recurrent = recurrent;
    const trial t(plan);
    arena<double> whole(t.net.parameters()), cut(t.net.parameters());
    rtrl_options options;
    options.cut_between_neurons = true;
    rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &whole);
    rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &cut, options);
    double difference = 0.0;
    for (std::size_t i = 0; i < whole.values().size(); ++i) {
      difference = std::max(difference, std::fabs(whole.values()[i] - cut.values()[i]));
    }
    EXPECT_EQ(difference > 1e-4, recurrent) << difference;
    EXPECT_LE(difference, recurrent ? 1e9 : 0.0);
  }
}

TEST(RtrlGradient, FloatEntryHasTheSameBitsAtAnyThreadCountAndTheGradientOfTheEngine) {
  trial_plan plan = plan_for("cuba_lif");
  plan.network.layers[0].recurrent = true;
  plan.lengths = {12, 30, 7, 1, 25, 18, 3};
  plan.objective.rate_penalty = 0.01;
  const trial t(plan);
  const arena<float> parameters = t.float_parameters();
  arena<float> first(t.net.parameters());
  for (const std::size_t threads : {1u, 2u, 3u, 5u}) {
    thread_pool pool(threads);
    arena<float> gradient(t.net.parameters()), reverse(t.net.parameters());
    const batch_result result = rtrl_gradient(t.net, t.objective, parameters, t.batch(), gradient, pool);
    if (threads == 1) {
      arena<double> expected(t.net.parameters());
      dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
      expect_same_gradient(gradient, expected, 1e-6);
      engine bptt(t.net, t.objective, pool);
      const batch_result other = bptt.gradient(parameters, t.batch(), reverse);
      EXPECT_EQ(result.hidden_spikes, other.hidden_spikes);
      EXPECT_EQ(result.correct, other.correct);
      EXPECT_EQ(result.steps, other.steps);
      EXPECT_NEAR(result.loss, other.loss, 1e-4 * other.loss);
      EXPECT_GT(result.hidden_spikes, 20u);
      first = gradient;
    }
    EXPECT_EQ(std::memcmp(first.values().data(), gradient.values().data(), first.values().size_bytes()), 0) << threads;
  }
}

TEST(RtrlGradient, IsRefusedPastItsBudgetWithTheBytesAndTheNearestRule) {
  trial_plan plan = plan_for("lif");
  const trial t(plan);
  arena<double> gradient(t.net.parameters());
  rtrl_options options;
  options.memory_budget = 1000;
  try {
    rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &gradient, options);
    FAIL() << "1000 bytes are not enough";
  } catch (const resource_error& e) {
    EXPECT_EQ(e.needed, rtrl_bytes(t.net));
    EXPECT_EQ(e.available, 1000u);
    EXPECT_THAT(e.what(), ::testing::HasSubstr("bptt"));
  }
  options.memory_budget = rtrl_bytes(t.net);
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &gradient, options);
  EXPECT_GT(largest_of(gradient, "hidden1.weight"), 1e-6);
}

}  // namespace
}  // namespace backspike::testing
