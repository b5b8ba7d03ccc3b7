// Weights of samples and classes under every learning rule: finite differences, one rule against another, a sample that
// counts twice, one that does not count, and what is refused.

#include "gradient/compare.hpp"
#include "gradient/dense_truncated.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"
#include "gradient/random_graph.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>

#include <gmock/gmock.h>

#include <limits>

namespace backspike::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Weights for every sample, the last of which does not count, and for every class: none is 1.
void give_weights(trial& t) {
  for (std::size_t s = 0; s < t.data.size(); ++s) {
    t.data.sample_weights.push_back(s + 1 == t.data.size() ? 0.0f : 0.75f + 0.5f * static_cast<float>(s));
  }
  for (std::size_t c = 0; reads_labels(t.objective) && c < t.net.outputs(); ++c) {
    t.objective.class_weights.values.push_back(c % 3 == 2 ? 0.0 : 1.75 - 0.875 * static_cast<double>(c % 3));
  }
}

/// Cells that fire; objectives of each kind that the readout of values can have, alone and as terms.
std::vector<objective_spec> every_objective() {
  std::vector<objective_spec> all;
  for (const loss_kind loss : all_of<loss_kind>()) {
    if (!takes_spike_trains(loss)) {
      all.push_back(objective_of(loss, readout_kind::mean, 0.8, 0.1, 0.02));
    }
  }
  all.push_back(objective_of(loss_kind::cross_entropy, readout_kind::max, 0.8, 0.0, 0.0));
  all.push_back(objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.8, 0.0, 0.0));
  loss_spec term = all.back();
  term.loss = loss_kind::mean_squared;
  term.weight = 0.3;
  all.back().terms.push_back(term);
  return all;
}

class Weights : public ::testing::TestWithParam<std::size_t> {
 protected:
  objective_spec objective() const { return every_objective()[GetParam()]; }

  trial_plan plan() const {
    trial_plan plan;
    plan.network.inputs = 9;
    layer_spec hidden = quick_layer("lif", 20, true);
    hidden.recurrent = hidden.bias = true;
    hidden.surrogate = {surrogate_kind::fast_sigmoid, 0.4, 0.9};
    plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
    plan.lengths = {30, 1, 21, 40, 25};
    plan.gain = lively_gain("lif");
    plan.objective = objective();
    return plan;
  }
};

INSTANTIATE_TEST_SUITE_P(EveryObjective, Weights, ::testing::Range(std::size_t{0}, every_objective().size()),
                         [](const auto& tested) {
                           const auto objective = every_objective()[tested.param];
                           return std::to_string(tested.param) + "_" + std::string(name_of(objective.loss));
                         });

TEST_P(Weights, FiniteDifferencesAgree) {
  trial_plan small = plan_for(find_cell("lif"));
  small.objective = objective();
  small.lengths = {6, 8, 7};
  const auto t = away_from_kinks(small);
  ASSERT_NE(t, nullptr);
  give_step_targets(*t, 3);
  const double plain = mean_loss(*t, t->parameters);
  give_weights(*t);
  EXPECT_GT(std::fabs(mean_loss(*t, t->parameters) - plain), 1e-3);
  check_network_gradient(*t);
}

TEST_P(Weights, TheEngineEqualsTheDensePath) {
  trial t(plan());
  give_step_targets(t, 5);
  give_weights(t);
  expect_engine_equals_dense(t, 2e-4);
}

TEST_P(Weights, WindowsHaveTheBitsOfTheWhole) {
  trial t(plan());
  give_step_targets(t, 5);
  give_weights(t);
  const outcome whole(t, {});
  ASSERT_GT(whole.norm(), 1e-3);
  for (const std::uint32_t every : {1u, 7u, 39u}) {
    EXPECT_TRUE(outcome(t, checkpoints_every(every)).same_bits(whole)) << "every " << every;
  }
  drop_close_calls_of_dense(t);
  expect_same_gradient(outcome(t, truncated(8, 3)).gradient, dense_truncated(t, 8, 3), 2e-4);
}

TEST_P(Weights, RtrlEqualsTheDensePath) {
  trial t(plan());
  give_step_targets(t, 5);
  give_weights(t);
  for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
    arena<double> expected(t.net.parameters()), actual(t.net.parameters());
    const auto reverse = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), mode, &expected);
    const auto forward = rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), mode, &actual);
    EXPECT_GT(reverse.hidden_spikes, 100.0);
    EXPECT_NEAR(forward.loss, reverse.loss, 1e-12 * reverse.loss);
    expect_same_gradient(actual, expected, 1e-10);
  }
}

TEST_P(Weights, TheFormsOfEpropAgree) {
  trial t(plan());
  give_step_targets(t, 5);
  give_weights(t);
  const arena<float> parameters = t.float_parameters();
  const eprop_options options;
  const eprop_feedback feedback(t.net, options, parameters);
  arena<double> forward(t.net.parameters());
  const auto expected =
      eprop_gradient(t.net, t.objective, t.parameters, options, feedback, t.batch(), spike_mode::hard, &forward);
  rule_spec rule{rule_kind::eprop, checkpoint_kind::fixed, 1000};
  rule.form = eprop_form::backward;
  thread_pool pool(2);
  engine simulation(t.net, t.objective, pool, rule);
  arena<float> backward(t.net.parameters());
  const batch_result sums = simulation.gradient(parameters, options, feedback, t.batch(), backward);
  ASSERT_EQ(static_cast<double>(sums.hidden_spikes), expected.hidden_spikes);
  EXPECT_NEAR(sums.loss, expected.loss, 1e-5 * expected.loss);
  EXPECT_GT(largest(std::as_const(forward).view(0)), 1e-4);
  expect_same_gradient(backward, forward, 2e-4);
}

/// The sum over a batch, which the gradient is the mean of.
arena<double> gradient_sum(const trial& t, const std::vector<std::uint32_t>& samples) {
  arena<double> sum(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, {&t.data, samples}, spike_mode::hard, &sum);
  for (double& g : sum.values()) {
    g *= static_cast<double>(samples.size());
  }
  return sum;
}

TEST_P(Weights, TwoIsTheSampleTwiceAndZeroIsNone) {
  trial_plan plain = plan();
  plain.objective.rate_penalty = 0.0;  // a price of spikes, whoever counts
  trial t(plain);
  give_step_targets(t, 5);
  const arena<double> twice = gradient_sum(t, {0, 0, 3}), without = gradient_sum(t, {3});
  t.data.sample_weights = {2.0f, 1.0f, 1.0f, 1.0f, 1.0f};
  expect_same_gradient(gradient_sum(t, {0, 3}), twice, 1e-12);
  EXPECT_GT(largest(std::as_const(twice).view(0)), 1e-3);
  t.data.sample_weights[0] = 0.0f;
  expect_same_gradient(gradient_sum(t, {0, 3}), without, 1e-12);
}

TEST(WeightsOfSamples, LeaveThePriceOfSpikesAndTheAccuracyAlone) {
  trial_plan plan = random_plan(4);
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 1.0, 0.0, 0.05);
  for (layer_spec& layer : plan.network.layers) {
    layer.activity = {};
  }
  trial t(plan);
  thread_pool pool(1);
  engine simulation(t.net, t.objective, pool);
  const batch_result plain = simulation.evaluate(t.float_parameters(), t.batch());
  t.data.sample_weights.assign(t.data.size(), 0.0f);
  const batch_result weighted = simulation.evaluate(t.float_parameters(), t.batch());
  ASSERT_GT(plain.hidden_spikes, 10u);
  EXPECT_NEAR(weighted.loss, 0.05 * static_cast<double>(plain.hidden_spikes), 1e-6 * weighted.loss);
  EXPECT_EQ(weighted.correct, plain.correct);
  EXPECT_EQ(weighted.counted, plain.counted);
}

/// The text of what every rule refuses.
std::string refusal(const trial& t) {
  thread_pool pool(1);
  arena<float> gradient(t.net.parameters());
  try {
    engine(t.net, t.objective, pool).gradient(t.float_parameters(), t.batch(), gradient);
  } catch (const user_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(WeightsOfSamples, AreRefusedByName) {
  trial t(random_plan(4));
  give_step_targets(t, 4);
  t.data.sample_weights.assign(t.data.size(), 1.0f);
  EXPECT_EQ(refusal(t), "accepted");
  t.data.sample_weights[1] = -2.0f;
  EXPECT_THAT(refusal(t), AllOf(HasSubstr("weight of sample 1 = -2"), HasSubstr("0 or more")));
  t.data.sample_weights[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(refusal(t), HasSubstr("weight of sample 1 = nan"));
  t.data.sample_weights.pop_back();
  EXPECT_THAT(refusal(t), HasSubstr("sample_weights"));
}

TEST(WeightsOfClasses, AreRefusedByName) {
  trial_plan plan = random_plan(4);
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 1.0, 0.0, 0.0);
  plan.network.layers.back().size = 3;
  trial t(plan);
  t.objective.class_weights.values = {1.0, 0.0, 2.0};
  EXPECT_EQ(refusal(t), "accepted");
  t.objective.class_weights.values = {1.0, 2.0};
  EXPECT_THAT(refusal(t), HasSubstr("class_weights = 2 numbers (accepted: 3 numbers, one for each class)"));
  t.objective.class_weights.values = {1.0, -0.5, 2.0};
  EXPECT_THAT(refusal(t), HasSubstr("class_weights = -0.5 (accepted: numbers, 0 or more)"));
  t.objective.class_weights.values = {0.0, 0.0, 0.0};
  EXPECT_THAT(refusal(t), HasSubstr("at least one that is above 0"));
  t.objective.class_weights = {true, {}};
  EXPECT_THAT(refusal(t), AllOf(HasSubstr("class_weights = balanced"), HasSubstr("no training set")));
  t.objective.class_weights = {false, {1.0, 1.0, 1.0}};
  t.objective.loss = loss_kind::mean_squared;
  t.data.target_width = 3;
  t.data.step_targets.assign(3 * t.data.inputs.spikes.rows(), 0.0f);
  EXPECT_THAT(refusal(t), HasSubstr("none beside losses that read no label; or cross_entropy, step_cross_entropy or "
                                    "class_spike_count"));
}

}  // namespace
}  // namespace backspike::testing
