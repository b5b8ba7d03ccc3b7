// An output whose membrane is read: what it gives is the state after the step, its reset included; its spikes can be
// read beside it; the error on it reaches weights that no spike has reached; and who refuses it.

#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/output_error.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/unrolled.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// One layer of two neurons whose membranes are read.
trial_plan one_layer(reset_kind reset) {
  trial_plan plan;
  plan.network.inputs = 3;
  layer_spec out = quick_layer("lif", 2);
  out.name = "out";
  out.reset = reset;
  plan.network.layers = {out};
  plan.network.outputs = {{"out", "", "", {}, {}, output_read::membrane}};
  plan.lengths = {30, 30};
  plan.seed = 3;
  plan.gain = 4.0;
  plan.rate = 0.5;
  return plan;
}

/// The equations of lif written out once more.
std::vector<double> membranes(const trial& t, reset_kind reset, std::size_t& spikes) {
  const auto value = [&](const char* name) { return t.parameters.view(std::string("out.") + name)(0, 0); };
  const auto weight = t.parameters.view("out.weight");
  const double decay = std::exp(-1.0 / value("tau_m"));
  std::vector<double> v(2, 0.0), all;
  for (std::size_t n = 0; n < 30; ++n) {
    for (double& x : v) {
      x *= decay;
    }
    for (const std::uint32_t channel : t.data.inputs.spikes.row(n).channels) {
      v[0] += weight(channel, 0);
      v[1] += weight(channel, 1);
    }
    for (double& x : v) {
      const bool fires = x >= value("v_th");
      spikes += fires ? 1 : 0;
      x = !fires || reset == reset_kind::none ? x
          : reset == reset_kind::to_value     ? value("v_reset")
                                              : x - value("reset_strength") * value("v_th");
      all.push_back(x);
    }
  }
  return all;
}

TEST(Membrane, IsTheStateAfterTheStepWithItsReset) {
  for (const reset_kind reset : all_of<reset_kind>()) {
    SCOPED_TRACE(name_of(reset));
    const trial t(one_layer(reset));
    std::size_t spikes = 0;
    const std::vector<double> expected = membranes(t, reset, spikes);
    EXPECT_GT(spikes, 5u);
    thread_pool pool(1);
    unrolled u(t.net, pool);
    const auto parameters = t.float_parameters();
    const auto outputs = u.forward(parameters, t.batch(), false);
    const sample_recording run = engine(t.net, t.objective, pool).record(parameters, t.data, 0);
    online_options inference;
    inference.learns = false;
    online_learner stream(t.net, t.objective, parameters, inference);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      ASSERT_NEAR(outputs[k], expected[k], 1e-5) << "step " << k / 2;
      EXPECT_EQ(run.readout[k % 2][k / 2], outputs[k]);
      if (k % 2 == 0) {
        const auto y = stream.infer(t.data.inputs.spikes.row(k / 2));
        EXPECT_EQ(y[0], outputs[k]);
        EXPECT_EQ(y[1], outputs[k + 1]);
      }
    }
  }
}

TEST(Membrane, GivesAGradientWhereSpikesGiveNone) {
  trial_plan plan = one_layer(reset_kind::subtract);
  plan.network.layers[0].surrogate = {surrogate_kind::boxcar, 0.01, 1.0};  // nothing is near its threshold
  plan.network.layers[0].parameters["v_th"].value = 100.0;
  trial silent(plan);
  EXPECT_GT(outcome(silent, {}).norm(), 0.01);
  plan.network.outputs[0].read = output_read::output;
  EXPECT_EQ(outcome(trial(plan), {}).norm(), 0.0);
}

TEST(Membrane, IsReadBesideTheSpikesOfTheSameLayer) {
  trial_plan plan = one_layer(reset_kind::subtract);
  plan.network.layers[0].recurrent = true;
  plan.network.outputs = {{"out", "spikes", ""}, {"out", "v", "other", {}, {}, output_read::membrane}};
  plan.objective = objective_of(loss_kind::class_spike_count, readout_kind::mean, 1.0, 0.0, 0.0);
  plan.objective.others = {output_objective{}};
  trial t(plan);
  drop_close_calls_of_dense(t);
  arena<double> expected(t.net.parameters());
  const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  const outcome both(t, {});
  EXPECT_NEAR(both.sums.loss, sum.loss, 1e-5 * sum.loss);
  EXPECT_GT(sum.others[0].part, 0.1);
  expect_same_gradient(both.gradient, expected, 1e-4, true);
  t.objective.others[0].weight = 0.0;
  EXPECT_FALSE(outcome(t, {}).same_bits(both)) << "the membrane has a part in the gradient";
}

TEST(Membrane, LossesOfSpikesAreRefusedByName) {
  for (const loss_info& info : loss_list) {
    trial_plan plan = one_layer(reset_kind::subtract);
    plan.objective.loss = info.kind;
    trial t(plan);
    give_step_targets(t, 1);
    const bool of_spikes = info.target == target_kind::spike_trains || info.kind == loss_kind::class_spike_count;
    if (of_spikes) {
      EXPECT_THAT(([&] { outcome(t, {}); }),
                  ThrowsMessage<value_error>(AllOf(HasSubstr("output.out.read = membrane"),
                                                   HasSubstr("the loss " + std::string(info.name) + " is of spikes"))));
    } else {
      EXPECT_GT(outcome(t, {}).norm(), 0.0) << info.name;
    }
  }
}

TEST(Membrane, EpropAndStreamsThatLearnRefuseItByName) {
  const trial t(one_layer(reset_kind::none));
  const auto refusal = ThrowsMessage<value_error>(AllOf(HasSubstr("out.read = membrane"), HasSubstr("bptt and rtrl")));
  EXPECT_THAT([&] { check_eprop(t.net, {}); }, refusal);
  objective_spec stepwise;
  stepwise.loss = loss_kind::step_cross_entropy;
  EXPECT_THAT(([&] { online_learner(t.net, stepwise, t.float_parameters(), {}); }), refusal);
}

}  // namespace
}  // namespace backspike::testing
