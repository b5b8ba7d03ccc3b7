// Losses on the number of spikes: against finite differences on the smooth relaxation, the engine against the dense
// path, in windows as in one piece, under every rule.

#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>

namespace backspike::testing {
namespace {

/// What is asked of each hidden layer, and of the network.
struct asked {
  const char* name;
  activity_spec activity;
  synaptic_operations_spec operations;
};

activity_spec with(double activity_spec::*member, double value, activity_spec spec = {}) {
  spec.*member = value;
  return spec;
}

activity_spec everything() { return {0.02, 0.01, 150.0, 2e-6, 200.0, 2e-6, 120.0, 1e-6}; }

/// In the smooth relaxation outputs are no zeros and ones: bounds are where some neurons are on either side.
std::vector<asked> each_term() {
  return {{"L1", with(&activity_spec::l1, 0.5), {}},
          {"L2", with(&activity_spec::l2, 0.2), {}},
          {"Lower", with(&activity_spec::lower_weight, 1e-5, with(&activity_spec::lower, 400.0)), {}},
          {"Upper", with(&activity_spec::upper_weight, 1e-5, with(&activity_spec::upper, 100.0)), {}},
          {"Target", with(&activity_spec::target_weight, 1e-5, with(&activity_spec::target, 300.0)), {}},
          {"Operations", {}, {10.0, 1.0}},
          {"Everything", everything(), {20.0, 0.5}}};
}

std::string name_of_term(const ::testing::TestParamInfo<std::size_t>& info) { return each_term()[info.param].name; }

class ActivityGradient : public ::testing::TestWithParam<std::size_t> {
 protected:
  asked term = each_term()[GetParam()];
};

INSTANTIATE_TEST_SUITE_P(All, ActivityGradient, ::testing::Range(std::size_t{0}, each_term().size()), name_of_term);

/// The term alone, through a recurrent layer, its reset and a layer behind it.
TEST_P(ActivityGradient, EqualsFiniteDifferences) {
  trial_plan plan = plan_for(find_cell("cuba_lif"));
  plan.network.layers.insert(plan.network.layers.begin() + 1, plan.network.layers.front());
  plan.network.layers[0].recurrent = true;
  plan.network.layers[0].activity = plan.network.layers[1].activity = term.activity;
  plan.objective.logit_scale = 0.0;
  plan.objective.synaptic_operations = term.operations;
  check(plan);
}

TEST_P(ActivityGradient, EqualsFiniteDifferencesWhereTheReadoutSpikes) {
  trial_plan plan = plan_for(find_cell("lif"));
  plan.network.layers[1] = plan.network.layers[0];
  plan.network.layers[1].size = 3;
  plan.network.layers[1].recurrent = true;
  plan.network.layers[1].activity = term.activity;
  plan.objective.readout = readout_kind::count;
  plan.objective.synaptic_operations = term.operations;
  check(plan);
}

/// Two hidden layers, the first recurrent, samples of different lengths, one without steps; the readout spikes or not.
trial_plan deep_plan(const asked& term, bool spiking_readout) {
  trial_plan plan;
  plan.network.inputs = 9;
  layer_spec first = quick_layer("cuba_lif", 20, true), second = quick_layer("lif", 17);
  first.recurrent = true;
  first.bias = second.bias = true;
  for (layer_spec* layer : {&first, &second}) {
    layer->surrogate = {surrogate_kind::triangle, 0.8, 1.0};
    layer->detach_reset = false;
    layer->activity = term.activity;
  }
  layer_spec last = quick_layer("leaky_integrator", 3);
  if (spiking_readout) {
    last = second;
    last.size = 3;
    plan.objective.readout = readout_kind::count;
  }
  plan.network.layers = {first, second, last};
  plan.objective.rate_penalty = 0.01;
  plan.objective.synaptic_operations = term.operations;
  plan.objective.logit_scale = 0.2;
  plan.lengths = {23, 1, 0, 40, 17, 31};
  plan.gain = 4.0;
  return plan;
}

TEST_P(ActivityGradient, EngineEqualsDenseInWindowsAsInOnePiece) {
  for (const bool spiking_readout : {false, true}) {
    trial t(deep_plan(term, spiking_readout));
    expect_engine_equals_dense(t, 2e-4);
    const outcome full(t, {});
    for (const std::uint32_t every : {1u, 7u, 40u}) {
      EXPECT_TRUE(outcome(t, checkpoints_every(every), 2).same_bits(full)) << "every " << every;
    }
    for (const std::size_t threads : {2u, 3u}) {
      EXPECT_TRUE(outcome(t, {}, threads).same_bits(full)) << threads << " threads";
    }
  }
}

TEST_P(ActivityGradient, MovesTheGradientAndTheLossByWhatTheDensePathSays) {
  trial_plan plan = deep_plan(term, false);
  const trial t(plan);
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
  }
  plan.objective.synaptic_operations = {};
  const trial plain(plan);
  const outcome with_term(t, {}), without(plain, {});
  EXPECT_GT(with_term.sums.loss, without.sums.loss);
  EXPECT_FALSE(with_term.same_bits(without));
  thread_pool pool(2);
  engine e(t.net, t.objective, pool);
  EXPECT_EQ(e.evaluate(t.float_parameters(), t.batch()).loss, with_term.sums.loss) << "evaluation has the same loss";
}

/// RTRL is exact; e-prop is where one layer without recurrence is all there is.
TEST_P(ActivityGradient, RulesThatGoForwardHaveTheExactGradientToo) {
  trial_plan plan = deep_plan(term, false);
  plan.network.layers.erase(plan.network.layers.begin());
  plan.gain = 3.0;
  const trial t(plan);
  arena<double> expected(t.net.parameters()), rtrl(t.net.parameters()), eprop(t.net.parameters());
  const auto dense = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  ASSERT_GT(dense.hidden_spikes, 50.0);
  const auto by_rtrl = rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &rtrl);
  EXPECT_NEAR(by_rtrl.loss, dense.loss, 1e-10 * dense.loss);
  expect_same_gradient(rtrl, expected, 1e-10);
  const eprop_feedback feedback(t.net, {}, t.parameters);
  const auto by_eprop =
      eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), spike_mode::hard, &eprop);
  EXPECT_NEAR(by_eprop.loss, dense.loss, 1e-10 * dense.loss);
  expect_same_gradient(eprop, expected, 1e-9);
  thread_pool pool(2);
  arena<float> in_float(t.net.parameters());
  const auto sums = eprop_gradient(t.net, t.objective, t.float_parameters(), {}, feedback, t.batch(), in_float, pool);
  EXPECT_NEAR(sums.loss, dense.loss, 1e-5 * dense.loss);
  expect_same_gradient(in_float, expected, 1e-3);
}

TEST(Activity, L1OfTheOnlyHiddenLayerHasTheBitsOfTheRatePenalty) {
  trial_plan plan = deep_plan({"", {}, {}}, false);
  plan.network.layers.erase(plan.network.layers.begin());
  plan.objective.rate_penalty = 0.25;
  const trial by_penalty(plan);
  plan.objective.rate_penalty = 0.0;
  plan.network.layers[0].activity.l1 = 0.25;
  const trial by_layer(plan);
  const outcome expected(by_penalty, {});
  EXPECT_GT(expected.sums.hidden_spikes, 50u);
  EXPECT_TRUE(outcome(by_layer, {}).same_bits(expected));
}

TEST(Activity, SampleWithoutStepsCostsNothing) {
  trial_plan plan = deep_plan({"", everything(), {20.0, 0.5}}, false);
  plan.lengths = {0};
  const trial t(plan);
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
  }
  EXPECT_EQ(outcome(t, {}).sums.loss, outcome(trial(plan), {}).sums.loss);
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const value_error& e) {
    return e.what();
  }
  return "accepted";
}

std::string refusal_of(const activity_spec& activity, const std::string& cell = "lif", double dt = 1.0) {
  network_spec spec;
  spec.inputs = 3;
  spec.dt = dt;
  spec.layers = {quick_layer("lif", 4), quick_layer(cell, 2)};
  spec.layers[1].activity = activity;
  return refusal([&] { const network net(spec); });
}

TEST(Activity, RefusesWhatMakesNoSense) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal_of(with(&activity_spec::l1, -0.5)), HasSubstr("readout.activity.l1 = -0.5"));
  EXPECT_THAT(refusal_of(with(&activity_spec::upper_weight, unbounded)), HasSubstr("upper_weight = inf 1/Hz^2"));
  EXPECT_THAT(refusal_of(with(&activity_spec::target, std::nan(""))), HasSubstr("a number, 0 or more"));
  activity_spec crossed{0.0, 0.0, 30.0, 1.0, 20.0, 1.0, 10.0, 0.0};
  EXPECT_THAT(refusal_of(crossed), HasSubstr("lower = 30 Hz"));
  EXPECT_THAT(refusal_of(crossed), HasSubstr("at most upper, 20 Hz"));
  crossed.lower_weight = 0.0;
  EXPECT_EQ(refusal_of(crossed), "accepted") << "a bound without weight is none";
  EXPECT_THAT(refusal_of(with(&activity_spec::lower_weight, 1.0, with(&activity_spec::lower, 600.0)), "lif", 2.0),
              HasSubstr("at most 500 Hz, a spike in every step"));
  EXPECT_THAT(refusal_of(with(&activity_spec::target_weight, 1.0, with(&activity_spec::target, 1001.0))),
              HasSubstr("target = 1001 Hz"));
  EXPECT_THAT(refusal_of(with(&activity_spec::l2, 1.0), "leaky_integrator"), HasSubstr("0 in a layer whose cell does"));
  const trial t(deep_plan({"", {}, {}}, false));
  thread_pool pool(1);
  const auto budget = [&](double operations, double weight) {
    objective_spec objective;
    objective.synaptic_operations = {operations, weight};
    return refusal([&] { const engine e(t.net, objective, pool); });
  };
  EXPECT_THAT(budget(0.0, 1.0), HasSubstr("synaptic_operations.budget = 0 operations"));
  EXPECT_THAT(budget(-3.0, 0.0), HasSubstr("synaptic_operations.budget = -3 operations"));
  EXPECT_THAT(budget(10.0, -1.0), HasSubstr("synaptic_operations.weight = -1"));
  trial_plan alone = deep_plan({"", {}, {10.0, 1.0}}, false);
  alone.network.layers.erase(alone.network.layers.begin(), alone.network.layers.begin() + 2);
  const trial readout(alone);
  EXPECT_THAT(refusal([&] { const engine e(readout.net, readout.objective, pool); }),
              HasSubstr("no spike reaches a synapse"));
}

}  // namespace
}  // namespace backspike::testing
