// A maximum over time looks only at steps that the input has reached: by hand, with delays, and under every rule on
// outputs whose largest value lies before.

#include "gradient/engine_and_dense.hpp"
#include "gradient/trial.hpp"

#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

using ::testing::ElementsAre;

objective_spec maximum() {
  objective_spec objective;
  objective.readout = readout_kind::max;
  return objective;
}

TEST(Reach, IsWantedByAMaximumAlone) {
  EXPECT_FALSE(asks_for_reach(objective_spec{})) << "the default reads the mean";
  EXPECT_TRUE(asks_for_reach(maximum()));
  objective_spec steps = maximum();
  steps.loss = loss_kind::step_cross_entropy;
  EXPECT_FALSE(asks_for_reach(steps));
  steps.terms.push_back(maximum());
  EXPECT_TRUE(asks_for_reach(steps));
}

TEST(Reach, BeginsWithTheFirstSpikeOfTheLayerBefore) {
  reach_plan plan{true, 2, {{0, 3, 0, 2, 0, {}}}};
  output_reach reach;
  reach.begin(plan);
  EXPECT_THAT(reach.first(), ElementsAre(never_reached, never_reached));
  const double silent[] = {0.0, 0.0, 0.0}, spike[] = {0.0, 0.0, 1.0};
  reach.spikes(plan, 0, 0, silent);
  EXPECT_TRUE(reach.listens());
  reach.spikes(plan, 0, 4, spike);
  EXPECT_FALSE(reach.listens());
  reach.spikes(plan, 0, 5, spike);
  EXPECT_THAT(reach.first(), ElementsAre(4, 4));
}

TEST(Reach, WaitsForTheDelayOfEverySynapse) {
  reach_plan plan{true, 2, {{0, 2, 0, 2, 0, {0, 7, 3, 1}}}};  // neuron 0: 0 and 7 steps; neuron 1: 3 and 1
  output_reach reach;
  reach.begin(plan);
  reach.spike(plan, 0, 2, 0);
  EXPECT_THAT(reach.first(), ElementsAre(2, 9));
  reach.spike(plan, 0, 4, 0);  // its first spike has set out
  EXPECT_TRUE(reach.listens());
  reach.spike(plan, 0, 5, 1);
  EXPECT_FALSE(reach.listens());
  EXPECT_THAT(reach.first(), ElementsAre(2, 6));
}

/// One channel that spikes in step 2 of 8 and makes every hidden neuron fire at once; every weight into the readout is
/// below 0, so that every output is 0 up to step 1 and negative ever after.
struct below_zero {
  std::unique_ptr<trial> t;

  explicit below_zero(std::uint32_t delay = 0) {
    trial_plan plan;
    plan.network.inputs = 1;
    plan.network.layers = {quick_layer("lif", 4), quick_layer("leaky_integrator", 3)};
    plan.network.layers[0].detach_reset = true;
    plan.objective = maximum();
    plan.lengths = {8};
    if (delay > 0) {
      plan.network.layers[1].delay.max = delay;
      plan.network.layers[1].delay.width = {0.5, 0.5};
    }
    t = std::make_unique<trial>(plan);
    events& e = t->data.inputs.spikes;
    e = {};
    for (std::size_t s = 0; s < 8; ++s) {
      if (s == 2) {
        e.channels.push_back(0);
      }
      e.end_row();
    }
    for (const connection& c : t->net.connections()) {
      const auto weight = t->parameters.view(c.weight);
      for (std::size_t r = 0; r < weight.rows; ++r) {
        for (std::size_t k = 0; k < weight.cols; ++k) {
          weight(r, k) = c.source == network_input ? 4.0 : -0.25 - 0.125 * static_cast<double>(k);
        }
      }
      if (c.has_delays()) {
        const auto position = t->parameters.view(c.delay_parameter);
        for (std::size_t k = 0; k < position.rows * position.cols; ++k) {
          position(k / position.cols, k % position.cols) = static_cast<double>(delay - 1);
        }
      }
    }
  }

  /// No output without a gradient: the weights into each of them.
  template <class S>
  void expect_alive(const arena<S>& gradient) const {
    const auto into = std::as_const(gradient).view(t->net.connections().back().weight);
    for (std::size_t k = 0; k < into.cols; ++k) {
      for (std::size_t r = 0; r < into.rows; ++r) {
        EXPECT_GT(std::fabs(static_cast<double>(into(r, k))), 1e-3) << "output " << k;
      }
    }
  }
};

TEST(Maximum, GivesAGradientToOutputsThatStayBelowZeroUnderEveryRule) {
  const below_zero x;
  const trial& t = *x.t;
  arena<double> expected(t.net.parameters());
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  ASSERT_GT(sum.hidden_spikes, 0.0);
  x.expect_alive(expected);
  thread_pool pool(2);
  for (const std::size_t window : {0u, 3u}) {
    rule_spec rule;
    if (window > 0) {
      rule = {rule_kind::checkpointed_bptt, checkpoint_kind::fixed, static_cast<std::uint32_t>(window)};
    }
    engine e(t.net, t.objective, pool, rule);
    arena<float> gradient(t.net.parameters());
    e.gradient(t.float_parameters(), t.batch(), gradient);
    x.expect_alive(gradient);
    expect_same_gradient(gradient, expected, 1e-4);
  }
  arena<double> forward(t.net.parameters());
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &forward, {});
  expect_same_gradient(forward, expected, 1e-9);
  const eprop_options options;
  const eprop_feedback feedback(t.net, options, t.float_parameters());
  arena<float> online(t.net.parameters());
  eprop_gradient(t.net, t.objective, t.float_parameters(), options, feedback, t.batch(), online, pool);
  x.expect_alive(online);
}

TEST(Maximum, WaitsForDelaysBeforeTheReadout) {
  const below_zero x(4);
  const trial& t = *x.t;
  arena<double> expected(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  x.expect_alive(expected);
  thread_pool pool(1);
  engine e(t.net, t.objective, pool);
  arena<float> gradient(t.net.parameters());
  e.gradient(t.float_parameters(), t.batch(), gradient);
  x.expect_alive(gradient);
  expect_same_gradient(gradient, expected, 1e-4);
}

TEST(Maximum, OfANetworkThatNothingReachesIsThatOfAllSteps) {
  const below_zero x;
  trial& t = *x.t;
  const auto weight = t.parameters.view(t.net.connections().front().weight);
  for (std::size_t k = 0; k < weight.cols; ++k) {
    weight(0, k) = 0.0;
  }
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, nullptr);
  EXPECT_EQ(sum.hidden_spikes, 0.0);
  EXPECT_NEAR(sum.loss, std::log(3.0), 1e-12) << "three equal outputs";
}

}  // namespace
}  // namespace backspike::testing
