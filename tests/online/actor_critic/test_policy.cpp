// Policies: their slopes against differences, their draws against their probabilities.

#include "online/actor_critic/policy.hpp"
#include "online/actor_critic/readout.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace backspike {
namespace {

using numbers_of = std::vector<double>;

void expect_slope(const std::function<double(const numbers_of&)>& f, const numbers_of& at, const numbers_of& slope) {
  constexpr double h = 1e-6;
  for (std::size_t k = 0; k < at.size(); ++k) {
    numbers_of above = at, below = at;
    above[k] += h;
    below[k] -= h;
    EXPECT_NEAR((f(above) - f(below)) / (2.0 * h), slope[k], 1e-7) << k;
  }
}

TEST(Policy, SlopesOfSoftmaxAreThoseOfItsLogarithmAndEntropy) {
  const numbers_of y{0.3, -1.2, 0.8, 2.0};
  const std::array action{2.0};
  numbers_of slope(4);
  softmax_policy::log_slope<double>(y, action, slope);
  expect_slope(
      [](const numbers_of& v) {
        return v[2] - std::log(std::exp(v[0]) + std::exp(v[1]) + std::exp(v[2]) + std::exp(v[3]));
      },
      y, slope);
  softmax_policy::entropy_slope<double>(y, slope);
  expect_slope([](const numbers_of& v) { return softmax_policy::entropy<double>(v); }, y, slope);
  EXPECT_NEAR(softmax_policy::entropy<double>(numbers_of(4, 7.0)), std::log(4.0), 1e-12);
}

/// log of a normal density with mu = v[0], log sigma = v[1] - 0.5.
double log_density(const numbers_of& v, double action) {
  const double log_sigma = v[1] - 0.5, off = (action - v[0]) / std::exp(log_sigma);
  return -0.5 * off * off - log_sigma - 0.5 * std::log(2.0 * std::numbers::pi);
}

TEST(Policy, SlopesOfNormalNumbersAreThoseOfTheirLogarithmAndEntropy) {
  const numbers_of y{0.4, 0.7};
  const std::array action{1.3};
  numbers_of slope(2);
  gaussian_policy::log_slope<double>(y, action, slope);
  expect_slope([](const numbers_of& v) { return log_density(v, 1.3); }, y, slope);
  gaussian_policy::entropy_slope<double>(y, slope);
  expect_slope([](const numbers_of& v) { return gaussian_policy::entropy<double>(v); }, y, slope);
}

TEST(Policy, ASpreadAtItsLimitHasNoSlope) {
  numbers_of slope(2);
  const std::array action{5.0};
  gaussian_policy::log_slope<double>(numbers_of{0.0, 9.0}, action, slope);
  EXPECT_EQ(slope[1], 0.0);
  EXPECT_NEAR(slope[0], 5.0 / std::exp(4.0), 1e-12);
}

TEST(Policy, ChoicesAreDrawnAsOftenAsTheyAreLikely) {
  const numbers_of y{0.0, 1.0, -0.5};
  numbers_of count(3);
  random_stream draws(1, random_purpose::test);
  std::array action{0.0};
  constexpr int tries = 20000;
  for (int n = 0; n < tries; ++n) {
    softmax_policy::draw<double>(y, draws, action);
    count[static_cast<std::size_t>(action[0])] += 1.0 / tries;
  }
  const double all = std::exp(0.0) + std::exp(1.0) + std::exp(-0.5);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(count[k], std::exp(y[k]) / all, 0.012) << k;
  }
  softmax_policy::best<double>(y, action);
  EXPECT_EQ(action[0], 1.0);
}

TEST(Policy, NormalNumbersHaveTheirMeanAndSpread) {
  const numbers_of y{1.5, 0.5};
  random_stream draws(1, random_purpose::test);
  std::array action{0.0};
  double mean = 0.0, squares = 0.0;
  constexpr int tries = 20000;
  for (int n = 0; n < tries; ++n) {
    gaussian_policy::draw<double>(y, draws, action);
    mean += action[0] / tries;
    squares += (action[0] - 1.5) * (action[0] - 1.5) / tries;
  }
  EXPECT_NEAR(mean, 1.5, 0.03);
  EXPECT_NEAR(std::sqrt(squares), 1.0, 0.03);
}

TEST(Policy, ALimitOfLogitsHasItsSlope) {
  const numbers_of y{3.0, -20.0, 0.5};
  numbers_of read(3), error{1.0, 1.0};
  read_policy<double>(y, 4.0, read);
  EXPECT_NEAR(read[0], 4.0 * std::tanh(0.75), 1e-12);
  EXPECT_EQ(read[2], 0.5) << "the value has no limit";
  limit_slope<double>(std::span<const double>(read).first(2), 4.0, error);
  EXPECT_NEAR(error[0], 4.0 * (std::tanh(3.000001 / 4.0) - std::tanh(2.999999 / 4.0)) / 2e-6, 1e-8);
  EXPECT_LT(error[1], 1e-3);
}

}  // namespace
}  // namespace backspike
