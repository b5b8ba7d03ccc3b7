// Class weights on a stream: the updates of the offline rule on steps whose labels have these weights.

#include "gradient/compare.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>

namespace backspike::testing {
namespace {

constexpr std::size_t steps = 200;
constexpr double rate = 1e-4;

trial_plan labelled_steps() {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec hidden = quick_layer("cuba_lif", 25);
  hidden.recurrent = hidden.bias = true;
  hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.objective.loss = loss_kind::step_cross_entropy;
  plan.objective.logit_scale = 0.2;  // a confident softmax has no loss in float
  plan.objective.class_weights.values = {2.5, 0.0, 0.5};
  plan.lengths = {steps};
  plan.rate = 0.15;
  plan.gain = 4.0;
  return plan;
}

std::int32_t label_of(std::size_t step) { return static_cast<std::int32_t>(step / 7 % 3); }

TEST(OnlineWeights, ATrialGivesTheGradientOfTheOfflineRule) {
  trial t(labelled_steps());
  for (std::size_t n = 0; n < steps; ++n) {
    t.data.step_labels.push_back(label_of(n));
  }
  online_options options;
  options.update_every = 0;
  options.optimiser.learning_rate = rate;
  online_learner learner(t.net, t.objective, t.float_parameters(), options);
  for (std::size_t n = 0; n < steps; ++n) {
    learner.step(t.data.inputs.spikes.row(n), {label_of(n), {}});
    EXPECT_EQ(learner.loss() == 0.0, label_of(n) == 1) << "a class of weight 0";
  }
  learner.end_trial();
  const eprop_feedback feedback(t.net, options.rule, t.float_parameters());
  arena<double> expected(t.net.parameters());
  eprop_gradient(t.net, t.objective, t.parameters, options.rule, feedback, t.batch(), spike_mode::hard, &expected);
  for (std::size_t i = 0; i < t.net.parameters().size(); ++i) {
    const auto now = learner.parameters().view(i);
    const auto before = std::as_const(t.parameters).view(i), g = std::as_const(expected).view(i);
    const std::string& name = t.net.parameters()[i].name;
    EXPECT_EQ(largest(g) > 1e-9, name != "hidden1.v_reset") << name;
    for (std::size_t k = 0; k < now.rows * now.cols; ++k) {
      const std::size_t r = k / now.cols, c = k % now.cols;
      const double moved = before(r, c) - static_cast<double>(now(r, c));
      EXPECT_NEAR(moved, rate * steps * g(r, c), 1e-4 * rate * steps * largest(g) + 1e-6) << name;
    }
  }
}

TEST(OnlineWeights, AreRefusedByName) {
  const auto refusal = [](const class_weights_spec& weights) -> std::string {
    trial_plan plan = labelled_steps();
    plan.objective.class_weights = weights;
    const trial t(plan);
    try {
      const online_learner learner(t.net, t.objective, t.float_parameters());
    } catch (const value_error& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal({false, {1.0, 2.0, 3.0}}), "accepted");
  EXPECT_THAT(refusal({false, {1.0, 2.0}}), ::testing::HasSubstr("class_weights = 2 numbers"));
  EXPECT_THAT(refusal({true, {}}), ::testing::HasSubstr("class_weights = balanced"));
}

}  // namespace
}  // namespace backspike::testing
