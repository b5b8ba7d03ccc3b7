// Losses on values of every step: by hand, and their errors by finite differences.

#include <backspike/objective/sample_objective.hpp>

#include <backspike/core/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t steps = 6, outputs = 3;

/// Outputs, targets and weights, one of them 0; no output is near its target or at Huber's joint.
struct problem {
  std::vector<double> y;
  std::vector<float> target, weights;
  objective_spec spec;

  explicit problem(loss_kind loss) {
    spec.loss = loss;
    spec.huber_delta = 0.8;
    random_stream random(3, random_purpose::test, 5);
    for (std::size_t k = 0; k < steps * outputs; ++k) {
      target.push_back(static_cast<float>(random.normal()));
      y.push_back(static_cast<double>(target.back()) + (k % 2 == 0 ? 1.0 : -1.0) * (k % 3 == 0 ? 1.3 : 0.4));
    }
    weights = {1.0f, 0.5f, 0.0f, 2.0f, 1.0f, 1.0f};
  }
  sample_target given() const { return {-1, {}, target, weights}; }
  trace_view<const double> view() const { return {y.data(), steps, outputs, outputs}; }
  double value() const {
    sample_objective<double> objective;
    objective.begin(spec, given(), steps, outputs);
    objective.read(0, view(), {});
    return objective.finish().value;
  }
  std::vector<double> error() const {
    sample_objective<double> objective;
    objective.begin(spec, given(), steps, outputs);
    objective.read(0, view(), {});
    objective.finish();
    std::vector<double> e(y.size());
    objective.error(0, view(), 1.0, {e.data(), steps, outputs, outputs});
    return e;
  }
};

/// As the papers write them.
double price_of(loss_kind loss, double y, double target) {
  const double d = std::fabs(y - target);
  switch (loss) {
    case loss_kind::mean_squared:
      return d * d;
    case loss_kind::mean_absolute:
      return d;
    case loss_kind::huber:
      return d < 0.8 ? 0.5 * d * d : 0.8 * (d - 0.4);
    case loss_kind::poisson:
      return std::exp(y) - target * y;
    default:
      ADD_FAILURE() << "a loss on values without a formula here: " << name_of(loss);
      return std::nan("");
  }
}

std::vector<loss_kind> losses_on_values() {
  std::vector<loss_kind> kinds;
  for (const loss_info& info : loss_list) {
    if (info.target == target_kind::values) {
      kinds.push_back(info.kind);
    }
  }
  return kinds;
}

class Regression : public testing::TestWithParam<loss_kind> {};

TEST_P(Regression, ValueIsTheWeightedMeanOfWhatDistancesCost) {
  const problem p(GetParam());
  double sum = 0.0, weight = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    weight += static_cast<double>(p.weights[t]);
    for (std::size_t k = 0; k < outputs; ++k) {
      const double price = price_of(GetParam(), p.y[t * outputs + k], static_cast<double>(p.target[t * outputs + k]));
      sum += static_cast<double>(p.weights[t]) * price;
    }
  }
  EXPECT_NEAR(p.value(), sum / (weight * outputs), 1e-12);
}

TEST_P(Regression, ErrorIsTheSlopeOfTheValue) {
  problem p(GetParam());
  const auto error = p.error();
  double largest = 0.0;
  for (std::size_t k = 0; k < p.y.size(); ++k) {
    constexpr double h = 1e-5;
    const double at = p.y[k];
    p.y[k] = at + h;
    const double above = p.value();
    p.y[k] = at - h;
    const double below = p.value();
    p.y[k] = at;
    EXPECT_NEAR(error[k], (above - below) / (2.0 * h), 1e-9);
    largest = std::max(largest, std::fabs(error[k]));
  }
  EXPECT_GT(largest, 0.01);
  for (std::size_t k = 2 * outputs; k < 3 * outputs; ++k) {
    EXPECT_EQ(error[k], 0.0) << "a step of weight 0";
  }
}

INSTANTIATE_TEST_SUITE_P(All, Regression, testing::ValuesIn(losses_on_values()));

TEST(Residual, HuberIsSmoothAtItsJointAndAbsoluteHasNoSlopeAtZero) {
  objective_spec huber;
  huber.loss = loss_kind::huber;
  huber.huber_delta = 0.7;
  EXPECT_NEAR(residual_loss(huber, 0.7), residual_loss(huber, 0.7 + 1e-9), 1e-8);
  EXPECT_EQ(residual_slope(huber, 0.7), 0.7);
  EXPECT_EQ(residual_slope(huber, 5.0), 0.7);
  EXPECT_EQ(residual_slope(huber, -5.0), -0.7);
  objective_spec absolute;
  absolute.loss = loss_kind::mean_absolute;
  EXPECT_EQ(residual_slope(absolute, 0.0), 0.0);
  EXPECT_EQ(residual_slope(absolute, -1e-9), -1.0);
}

}  // namespace
}  // namespace backspike
