// The series against an exact solution and its order of convergence; the samples that are made of it.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/mackey_glass.hpp>

#include "data/tasks/linear_prediction.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

using testing::HasSubstr;

TEST(MackeyGlassSeries, IsTheExactSolutionWhileThePastIsConstant) {
  constexpr double past = 0.7206597;
  const double drive = 0.2 * past / (1.0 + std::pow(past, 10)) / 0.1;
  const auto series = mackey_glass_series({.tau = 17.0, .interval = 1.0, .substeps = 20}, 17);
  for (std::size_t k = 0; k < series.size(); ++k) {
    EXPECT_NEAR(series[k], drive + (past - drive) * std::exp(-0.1 * static_cast<double>(k)), 1e-10) << k;
  }
  EXPECT_GT(series.back(), 1.1);
}

/// Largest difference from a solution of tiny steps over the first 200 units of time, before chaos takes over.
double error_of(std::uint32_t substeps) {
  const mackey_glass_grid exact{.tau = 17.0, .interval = 2.0, .start = 0.5, .substeps = 1000};
  auto coarse = exact;
  coarse.substeps = substeps;
  const auto a = mackey_glass_series(exact, 100), b = mackey_glass_series(coarse, 100);
  double largest = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    largest = std::max(largest, std::fabs(a[k] - b[k]));
  }
  return largest;
}

TEST(MackeyGlassSeries, IsOfFourthOrder) {
  const double at_4 = error_of(4), at_8 = error_of(8), at_16 = error_of(16);
  EXPECT_GT(at_4, 1e-8);
  EXPECT_GT(at_4 / at_8, 10.0);
  EXPECT_GT(at_8 / at_16, 10.0);
  EXPECT_LT(error_of(100), 1e-9);
}

TEST(MackeyGlassSeries, StaysOnItsAttractor) {
  const auto series = mackey_glass_series({.start = 1000.0}, 2000);
  EXPECT_NEAR(std::ranges::min(series), 0.42, 0.05);
  EXPECT_NEAR(std::ranges::max(series), 1.32, 0.05);
}

TEST(MackeyGlassSeries, RefusesByName) {
  const auto refusal = [](const mackey_glass_grid& grid) {
    try {
      mackey_glass_series(grid, 1);
    } catch (const value_error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_THAT(refusal({.tau = 0.0}), HasSubstr("tau = 0"));
  EXPECT_THAT(refusal({.interval = -1.0}), HasSubstr("interval = -1"));
  EXPECT_THAT(refusal({.tau = 0.1, .interval = 1.0, .substeps = 9}), HasSubstr("at least 10"));
}

const mackey_glass_spec small{.train_points = 60, .test_points = 20, .taps = 4, .steps = 3};

TEST(MackeyGlass, SamplesShowTheLastPointsAndAskForTheNext) {
  const auto split = make_mackey_glass(small, 3);
  split.train.validate();
  split.test.validate();
  ASSERT_EQ(split.train.size(), 56u);
  ASSERT_EQ(split.test.size(), 20u);
  EXPECT_EQ(split.validation.size(), 0u);
  const auto series = mackey_glass_series({.start = 1000.0 + 112.0 * 197.0 / 75.0}, 80);
  const auto& scales = split.test.continuations.at(0);
  for (const std::uint32_t s : {0u, 5u, 19u}) {
    for (std::size_t t = 0; t < 3; ++t) {
      const auto row = split.test.inputs.spikes.row(split.test.inputs.sample_rows[s] + t);
      for (std::size_t c = 0; c < 4; ++c) {
        EXPECT_NEAR(static_cast<double>(row.values[c]) * scales.scale + scales.centre, series[56 + s + c], 1e-6);
      }
      EXPECT_EQ(split.test.target(s).weights[t], t == 2 ? 1.0F : 0.0F);
    }
    double next = scales.linear[4] + scales.correction * static_cast<double>(split.test.target(s).values[2]);
    for (std::size_t c = 0; c < 4; ++c) {
      next += scales.linear[c] * (series[56 + s + c] - scales.centre) / scales.scale;
    }
    EXPECT_NEAR(scales.centre + scales.scale * next, series[60 + s], 1e-6);
  }
  EXPECT_EQ(scales.known.size(), 4u);
  EXPECT_EQ(scales.known.back(), series[59]);
  EXPECT_TRUE(std::equal(scales.truth.begin(), scales.truth.end(), series.begin() + 60));
}

double last_shown(const dataset& d, std::uint32_t sample) {
  return static_cast<double>(d.inputs.spikes.row(d.inputs.sample_rows[sample]).values[3]);
}

TEST(MackeyGlass, NoiseIsOnWhatIsShownAndTheTargetAnswersIt) {
  auto noisy = small;
  noisy.linear = false;  // the last point: what is missed is the increment
  noisy.noise = 0.1;
  noisy.copies = 2;
  auto quiet = noisy;
  quiet.noise = 0.0;
  const auto clean = make_mackey_glass(quiet, 1).train, data = make_mackey_glass(noisy, 1).train;
  const double correction = make_mackey_glass(noisy, 1).test.continuations.at(0).correction;
  ASSERT_EQ(data.size(), clean.size());
  double squares = 0.0;
  for (std::uint32_t s = 0; s < clean.size(); ++s) {
    const double off = last_shown(data, s) - last_shown(clean, s);
    squares += off * off;
    const double next = last_shown(data, s) + correction * static_cast<double>(data.target(s).values[2]),
                 wanted = last_shown(clean, s) + correction * static_cast<double>(clean.target(s).values[2]);
    EXPECT_NEAR(next, wanted, 1e-5);
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(clean.size())), 0.1, 0.03);
}

TEST(MackeyGlass, LinearPredictionLeavesLessToTheNetwork) {
  auto last = small;
  last.linear = false;
  const auto fitted = make_mackey_glass(small, 1).test.continuations.at(0),
             held = make_mackey_glass(last, 1).test.continuations.at(0);
  EXPECT_LT(fitted.correction, 0.5 * held.correction);
  EXPECT_GT(fitted.correction, 0.0);
  EXPECT_EQ(held.linear, (std::vector<double>{0.0, 0.0, 0.0, 1.0, 0.0}));
}

/// x_next = 1.2 x - 0.7 x_before + 0.1 with fresh noise: the coefficients are found, and shrink under a ridge.
TEST(LinearPrediction, FindsTheCoefficientsOfAnAutoregression) {
  random_stream random(1, random_purpose::test);
  std::vector<double> x{0.0, 0.0};
  for (int k = 0; k < 20000; ++k) {
    x.push_back(1.2 * x[x.size() - 1] - 0.7 * x[x.size() - 2] + 0.1 + random.normal());
  }
  const auto found = linear_prediction(x, 2, 1e-6), shrunk = linear_prediction(x, 2, 10.0);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_NEAR(found[0], -0.7, 0.02);
  EXPECT_NEAR(found[1], 1.2, 0.02);
  EXPECT_NEAR(found[2], 0.1, 0.02);
  EXPECT_LT(std::fabs(shrunk[1]), 0.1);
}

TEST(MackeyGlass, SeedsAreLaterPartsOfOneSeries) {
  auto whole = small;
  whole.shift = 10.0;
  const auto a = make_mackey_glass(whole, 1), b = make_mackey_glass(whole, 2);
  EXPECT_NEAR(a.test.continuations[0].truth[10], b.test.continuations[0].truth[0], 1e-9);
  EXPECT_NE(a.test.continuations[0].truth[0], b.test.continuations[0].truth[0]);
}

TEST(MackeyGlass, RefusesByName) {
  const auto refusal = [](const mackey_glass_spec& spec) {
    try {
      make_mackey_glass(spec, 1);
    } catch (const value_error& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  EXPECT_THAT(refusal({.taps = 0}), HasSubstr("data.mackey_glass.taps = 0"));
  EXPECT_THAT(refusal({.steps = 0}), HasSubstr("data.mackey_glass.steps = 0"));
  EXPECT_THAT(refusal({.train_points = 11}), HasSubstr("data.mackey_glass.train_points = 11"));
  EXPECT_THAT(refusal({.ridge = 0.0}), HasSubstr("data.mackey_glass.ridge = 0"));
  EXPECT_THAT(refusal({.noise = -0.1}), HasSubstr("data.mackey_glass.noise"));
}

}  // namespace
}  // namespace backspike
