// The distributions that cell parameters start with: moments, ranges, shares, and dependence on the seed alone.

#include "network/initial_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t many = 200000;

cell_parameter_spec drawn(parameter_distribution distribution, double value, double spread) {
  cell_parameter_spec spec{value, false, parameter_sharing::neuron, distribution, spread};
  return spec;
}

std::vector<double> values_of(const cell_parameter_spec& spec, std::size_t count = many, std::uint64_t seed = 11) {
  return initial_values(spec, count, random_stream(seed, random_purpose::cell_parameters, 3));
}

struct moments {
  double mean, deviation, skew;
  explicit moments(const std::vector<double>& x) {
    const auto average = [&](const auto& f) {
      return std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>(), f) / static_cast<double>(x.size());
    };
    mean = average([](double v) { return v; });
    deviation = std::sqrt(average([&](double v) { return (v - mean) * (v - mean); }));
    skew = average([&](double v) { return std::pow((v - mean) / deviation, 3); });
  }
};

TEST(InitialValues, NormalHasItsMeanAndSpread) {
  const moments m(values_of(drawn(parameter_distribution::normal, 20.0, 4.0)));
  EXPECT_NEAR(m.mean, 20.0, 0.05);
  EXPECT_NEAR(m.deviation, 4.0, 0.04);
  EXPECT_NEAR(m.skew, 0.0, 0.03);
}

TEST(InitialValues, UniformFillsItsWidth) {
  const std::vector<double> x = values_of(drawn(parameter_distribution::uniform, 20.0, 4.0));
  const moments m(x);
  EXPECT_NEAR(m.mean, 20.0, 0.03);
  EXPECT_NEAR(m.deviation, 4.0 / std::sqrt(3.0), 0.02);
  EXPECT_NEAR(*std::ranges::min_element(x), 16.0, 1e-3);
  EXPECT_NEAR(*std::ranges::max_element(x), 24.0, 1e-3);
}

/// Shape (mean / spread)^2: above 1, and below 1, where values crowd at 0. Skew 2 / sqrt(shape).
TEST(InitialValues, GammaHasItsMeanSpreadAndSkew) {
  for (const double spread : {5.0, 20.0, 30.0}) {
    const std::vector<double> x = values_of(drawn(parameter_distribution::gamma, 20.0, spread));
    const moments m(x);
    EXPECT_NEAR(m.mean, 20.0, 0.015 * spread);
    EXPECT_NEAR(m.deviation, spread, 0.02 * spread);
    EXPECT_NEAR(m.skew, 2.0 * spread / 20.0, 0.1 * spread / 20.0);
    EXPECT_GT(*std::ranges::min_element(x), 0.0);
  }
}

TEST(InitialValues, SplitGivesTheFirstOnesTheirValue) {
  cell_parameter_spec spec = drawn(parameter_distribution::split, 1.7, 0.0);
  spec.rest = 0.2;
  for (const auto& [fraction, first] : {std::pair{0.5, 50}, {0.25, 25}, {0.0, 0}, {1.0, 100}}) {
    spec.fraction = fraction;
    const std::vector<double> x = values_of(spec, 100);
    for (int k = 0; k < 100; ++k) {
      EXPECT_EQ(x[static_cast<std::size_t>(k)], k < first ? 1.7 : 0.2) << fraction;
    }
  }
}

TEST(InitialValues, AreBroughtIntoTheRange) {
  cell_parameter_spec spec = drawn(parameter_distribution::normal, 20.0, 10.0);
  spec.low = 15.0;
  spec.high = 30.0;
  const std::vector<double> x = values_of(spec);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(x, 15.0)) / many, 0.3085, 0.005);  // the share below -0.5 sigma
  EXPECT_NEAR(static_cast<double>(std::ranges::count(x, 30.0)) / many, 0.1587, 0.005);
  EXPECT_EQ(*std::ranges::min_element(x), 15.0);
  EXPECT_EQ(*std::ranges::max_element(x), 30.0);
  spec.learn = true;
  spec.transform = parameter_transform::sigmoid;  // could never move a value away from an end
  const std::vector<double> open = values_of(spec);
  EXPECT_NEAR(*std::ranges::min_element(open), 15.005, 1e-9);
  EXPECT_NEAR(*std::ranges::max_element(open), 29.99, 1e-9);
}

TEST(InitialValues, DependOnTheSeedAlone) {
  for (const auto distribution :
       {parameter_distribution::normal, parameter_distribution::uniform, parameter_distribution::gamma}) {
    const cell_parameter_spec spec = drawn(distribution, 20.0, 4.0);
    EXPECT_EQ(values_of(spec, 100), values_of(spec, 100));
    EXPECT_NE(values_of(spec, 100), values_of(spec, 100, 12));
  }
  EXPECT_EQ(values_of(drawn(parameter_distribution::constant, 20.0, 4.0), 3), (std::vector{20.0, 20.0, 20.0}));
}

TEST(InitialValues, AListIsTakenAsItIs) {
  cell_parameter_spec spec = drawn(parameter_distribution::constant, 20.0, 0.0);
  spec.values = {10.0, 0.1, 30.0};
  EXPECT_EQ(initial_values(spec, 3, random_stream(1, random_purpose::cell_parameters, 3)), spec.values);
}

}  // namespace
}  // namespace backspike
