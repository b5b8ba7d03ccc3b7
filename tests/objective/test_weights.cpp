// Weights of samples and classes in the objective: factors of value and error, and of nothing else.

#include <backspike/objective/sample_objective.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t steps = 5, outputs = 3;
const std::array<double, steps * outputs> y{0.3, 0.2, 1.1, 0.0, 0.4, 0.7, 0.9, 0.1, 0.2, 1.0, 0.5, 0.6, 0.0, 0.8, 0.3};
const std::array<float, steps * outputs> wanted{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1};
const std::array<float, steps> step_weights{1.0f, 0.5f, 2.0f, 0.0f, 1.5f};

struct judged {
  sample_loss<double> loss;
  std::array<double, steps * outputs> error{};
  std::vector<double> scores;
  std::vector<std::uint32_t> confusion;

  judged(const objective_spec& spec, const sample_target& target) {
    const trace_view<const double> trace{y.data(), steps, outputs, outputs};
    sample_objective<double> objective;
    objective.begin(spec, target, steps, outputs);
    objective.read(0, trace, {});
    loss = objective.finish();
    objective.error(0, trace, 0.5, {error.data(), steps, outputs, outputs});
    scores = objective.scores();
    confusion = objective.confusion();
  }
};

sample_target target_of(loss_kind loss) {
  sample_target target;
  target.label = 1;
  target.weights = step_weights;
  if (takes_values(loss)) {
    target.values = wanted;
  }
  return target;
}

void expect_factor(const judged& weighted, const judged& plain, double factor) {
  EXPECT_NEAR(weighted.loss.value, factor * plain.loss.value, 1e-14 * std::fabs(weighted.loss.value));
  double largest = 0.0;
  for (std::size_t k = 0; k < plain.error.size(); ++k) {
    EXPECT_NEAR(weighted.error[k], factor * plain.error[k], 1e-14);
    largest = std::max(largest, std::fabs(plain.error[k]));
  }
  EXPECT_GT(largest, 1e-3);
}

void expect_same_prediction(const judged& weighted, const judged& plain) {
  EXPECT_EQ(weighted.loss.predicted, plain.loss.predicted);
  EXPECT_EQ(weighted.loss.correct, plain.loss.correct);
  EXPECT_EQ(weighted.loss.counted, plain.loss.counted);
  EXPECT_EQ(weighted.scores, plain.scores);
  EXPECT_EQ(weighted.confusion, plain.confusion);
}

TEST(ObjectiveWeights, OfASampleMultiplyEveryLoss) {
  for (const loss_info& info : loss_list) {
    for (const auto& readout : enum_names<readout_kind>) {
      SCOPED_TRACE(std::string(info.name) + " of " + std::string(readout.name));
      objective_spec spec;
      spec.loss = info.kind;
      spec.readout = readout.value;
      sample_target target = target_of(info.kind);
      const judged plain(spec, target);
      target.weight = 2.5;
      const judged weighted(spec, target);
      expect_factor(weighted, plain, 2.5);
      expect_same_prediction(weighted, plain);
    }
  }
}

TEST(ObjectiveWeights, OfAClassMultiplyTheLossesThatReadItsLabel) {
  for (const loss_info& info : loss_list) {
    SCOPED_TRACE(info.name);
    objective_spec spec;
    spec.loss = info.kind;
    sample_target target = target_of(info.kind);
    const judged plain(spec, target);
    spec.class_weights.values = {7.0, 0.25, 3.0};
    const judged weighted(spec, target);
    expect_factor(weighted, plain, takes_values(info.kind) ? 1.0 : 0.25);
    target.weight = 8.0;
    const judged both(spec, target);
    expect_factor(both, plain, takes_values(info.kind) ? 8.0 : 2.0);
    expect_same_prediction(both, plain);
  }
}

/// Each term of its own kind: a class has no weight in a regression beside it.
TEST(ObjectiveWeights, OfAClassLeaveOtherTermsAlone) {
  objective_spec both;
  both.weight = 0.5;
  both.terms.push_back({.loss = loss_kind::mean_squared, .weight = 3.0});
  sample_target target = target_of(loss_kind::mean_squared);
  objective_spec classes, values;
  values.loss = loss_kind::mean_squared;
  const judged of_classes(classes, target), of_values(values, target);
  both.class_weights.values = {7.0, 0.25, 3.0};
  target.weight = 2.0;
  const judged weighted(both, target);
  EXPECT_NEAR(weighted.loss.value, 2.0 * (0.5 * 0.25 * of_classes.loss.value + 3.0 * of_values.loss.value), 1e-14);
  for (std::size_t k = 0; k < weighted.error.size(); ++k) {
    EXPECT_NEAR(weighted.error[k], 2.0 * (0.5 * 0.25 * of_classes.error[k] + 3.0 * of_values.error[k]), 1e-14);
  }
}

double cross_entropy(std::size_t step, std::size_t label) {
  double sum = 0.0;
  for (std::size_t k = 0; k < outputs; ++k) {
    sum += std::exp(y[step * outputs + k]);
  }
  return std::log(sum) - y[step * outputs + label];
}

/// L = sum_t c(label_t) w_t CE_t / sum_t w_t over the labelled steps, by hand.
TEST(ObjectiveWeights, OfClassesMultiplyEachLabelledStep) {
  const std::array<std::int32_t, steps> labels{0, 2, -1, 1, 2};  // the third has no label, the fourth no weight
  objective_spec spec;
  spec.loss = loss_kind::step_cross_entropy;
  sample_target target;
  target.step_labels = labels;
  target.weights = step_weights;
  const judged plain(spec, target);
  spec.class_weights.values = {4.0, 1.0, 0.0};
  const judged weighted(spec, target);
  EXPECT_NEAR(weighted.loss.value, 4.0 * 1.0 * cross_entropy(0, 0) / (1.0 + 0.5 + 1.5), 1e-14);
  expect_same_prediction(weighted, plain);
  EXPECT_EQ(weighted.loss.counted, 3u) << "a class of weight 0 is still counted in the accuracy";
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::size_t k = 0; k < outputs; ++k) {
      const double factor = t == 0 ? 4.0 : 0.0;
      EXPECT_NEAR(weighted.error[t * outputs + k], factor * plain.error[t * outputs + k], 1e-15);
    }
  }
  EXPECT_GT(std::fabs(plain.error[1 * outputs]), 1e-3);
}

}  // namespace
}  // namespace backspike
