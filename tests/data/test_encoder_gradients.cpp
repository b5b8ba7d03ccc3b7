// Derivatives through encoders: against six-point differences of the smooth form, and on the hard one against what is
// known of it.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/encode.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace backspike::testing {
namespace {

constexpr std::size_t rows = 5, columns = 3;
constexpr double width = 0.07;

encoder_spec spec_of(encoder_kind kind) {
  encoder_spec s;
  s.kind = kind;
  s.steps = 7;
  s.tau = 3.0;
  s.threshold = 0.15;
  s.rate = 400.0;
  s.gain = 1.7;
  s.fields = 4;
  return s;
}

/// A function of the input that is not linear, and its derivative by the input.
double function_of(std::span<const double> input) {
  double sum = 0.0;
  for (std::size_t k = 0; k < input.size(); ++k) {
    sum += std::sin(1.0 + 0.7 * static_cast<double>(k)) * input[k] + 0.3 * input[k] * input[k];
  }
  return sum;
}
std::vector<double> slopes_of(std::span<const double> input) {
  std::vector<double> slopes(input.size());
  for (std::size_t k = 0; k < input.size(); ++k) {
    slopes[k] = std::sin(1.0 + 0.7 * static_cast<double>(k)) + 0.6 * input[k];
  }
  return slopes;
}

std::vector<double> relaxed(const value_encoder& e, std::span<const double> values) {
  std::vector<double> input(std::size_t{e.steps()} * e.channels());
  e.relax(values, width, input);
  return input;
}

double six_point(const value_encoder& e, std::vector<double> values, std::size_t at) {
  constexpr double h = 2e-4;
  constexpr std::array<double, 3> weight{45.0, -9.0, 1.0};
  const double here = values[at];
  double sum = 0.0;
  for (std::size_t k = 0; k < weight.size(); ++k) {
    for (const double sign : {1.0, -1.0}) {
      values[at] = here + sign * static_cast<double>(k + 1) * h;
      sum += sign * weight[k] * function_of(relaxed(e, values));
    }
  }
  return sum / (60.0 * h);
}

class EncoderGradient : public ::testing::TestWithParam<encoder_kind> {};

/// A spline of second order has kinks in its second derivative, and a spike that comes with the last step one in its
/// first: values near them are left out.
bool is_smooth(const encoder_spec& s, double x) {
  const auto near_knot = [](double place) { return std::abs(place - std::floor(place) - 0.5) < 0.1; };
  if (s.kind == encoder_kind::latency && x > s.threshold) {
    const double place = s.tau / s.dt * std::log(x / (x - s.threshold)) - 0.5;
    return x > 0.18 && !near_knot(place);
  }
  for (std::uint32_t field = 0; s.kind == encoder_kind::population && field < s.fields; ++field) {
    const double from_centre = s.beta * (x * (s.fields - 2.0) - (field - 0.5));
    if (near_knot((1.0 - std::exp(-0.5 * from_centre * from_centre)) * (s.steps - 1.0))) {
      return false;
    }
  }
  return true;
}

TEST_P(EncoderGradient, IsThatOfTheSmoothForm) {
  const encoder_spec spec = spec_of(GetParam());
  const value_encoder e(spec, rows, columns, 1);
  random_stream random(3, random_purpose::test);
  std::vector<double> values(rows * columns);
  std::ranges::generate(values, [&] { return 0.02 + 0.96 * random.uniform(); });
  std::vector<double> gradient(values.size());
  e.pull_back(values, slopes_of(relaxed(e, values)), width, true, gradient);
  double largest = 0.0;
  std::size_t compared = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (is_smooth(spec, values[k])) {
      const double expected = six_point(e, values, k);
      EXPECT_NEAR(gradient[k], expected, 1e-7 * (1.0 + std::abs(expected))) << k << " at " << values[k];
      largest = std::max(largest, std::abs(expected));
      ++compared;
    }
  }
  EXPECT_GT(largest, 0.1);
  EXPECT_GT(compared, values.size() / 4);
}

INSTANTIATE_TEST_SUITE_P(Every, EncoderGradient,
                         ::testing::Values(encoder_kind::latency, encoder_kind::poisson, encoder_kind::current,
                                           encoder_kind::delta, encoder_kind::population),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

/// An error that grows with time: an earlier spike, from a brighter pixel, lowers the loss. A silent pixel that would
/// spike in the last step is told to stay away.
TEST(EncoderGradient, OfLatencyKnowsEarlierAndSilent) {
  const value_encoder e(spec_of(encoder_kind::latency), 1, 2, 1);
  std::vector<float> error(std::size_t{e.steps()} * 2);
  for (std::size_t t = 0; t < e.steps(); ++t) {
    error[2 * t] = error[2 * t + 1] = static_cast<float>(t) + 1.0f;
  }
  const std::vector<float> values{0.4f, 0.1f};
  std::vector<float> gradient(2);
  e.pull_back(values, error, 0.05, false, gradient);
  EXPECT_LT(gradient[0], 0.0f);
  EXPECT_GT(gradient[1], 0.0f);
}

TEST(EncoderGradient, OfDeltaRemembersTheValueAtTheLastSpike) {
  encoder_spec spec = spec_of(encoder_kind::delta);
  const value_encoder e(spec, 3, 1, 1);  // 0.5 spikes, 0.55 does not, 0.8 does against 0.5
  const std::vector<double> values{0.5, 0.55, 0.8};
  std::vector<double> error(6, 0.0), gradient(3);
  error[4] = 1.0;  // rising, third step
  e.pull_back(values, error, 0.05, false, gradient);
  EXPECT_GT(gradient[2], 0.0);
  EXPECT_LT(gradient[0], 0.0) << "a brighter first value raises what the third is held against";
}

TEST(EncoderGradient, RefusesAnErrorOfAnotherSize) {
  const value_encoder e(spec_of(encoder_kind::current), rows, columns, 1);
  const std::vector<float> values(rows * columns, 0.5f), error(3);
  std::vector<float> gradient(values.size());
  EXPECT_THROW(e.pull_back(values, error, width, false, gradient), shape_error);
}

}  // namespace
}  // namespace backspike::testing
