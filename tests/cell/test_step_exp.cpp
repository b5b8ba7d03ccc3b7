// The exponential function of a step in single precision: its error and range are the numbers that the header states.

#include <backspike/scalar/step_exp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace backspike {
namespace {

/// |value - exact| in units of the last place of the exact value.
double ulp_error(float value, double exact) {
  return std::fabs(static_cast<double>(value) - exact) / std::ldexp(1.0, std::ilogb(exact) - 23);
}

TEST(StepExp, ErrorOverTheWholeRangeIsWhatTheHeaderSays) {
  double worst = 0.0;
  std::size_t count = 0;
  for (float x = static_cast<float>(step_exp_low); x <= static_cast<float>(step_exp_high); ++count) {
    worst = std::max(worst, ulp_error(step_exp(x), std::exp(static_cast<double>(x))));
    float next = x;
    for (int k = 0; k < 50; ++k) {  // the next float but 49, and at least 1e-5 further
      next = std::nextafter(next, 1e9f);
    }
    x = std::max(next, x + 1e-5f);
  }
  EXPECT_GT(count, 2000000u);
  EXPECT_LE(worst, step_exp_ulp);
  EXPECT_GT(worst, 0.7 * step_exp_ulp) << "the bound is far above what was seen: tighten it";
  RecordProperty("worst_ulp", std::to_string(worst));
}

TEST(StepExp, IsExactAtZeroAndSaturatesAtTheEnds) {
  EXPECT_EQ(step_exp(0.0f), 1.0f);
  EXPECT_EQ(step_exp(-0.0f), 1.0f);
  EXPECT_EQ(step_exp(-87.0001f), 0.0f);
  EXPECT_EQ(step_exp(-std::numeric_limits<float>::infinity()), 0.0f);
  EXPECT_GT(step_exp(-87.0f), std::numeric_limits<float>::min());
  EXPECT_EQ(step_exp(1e30f), step_exp(88.0f));
  EXPECT_EQ(step_exp(std::numeric_limits<float>::infinity()), step_exp(88.0f));
  EXPECT_NEAR(step_exp(88.0f) / 1.6516363e38f, 1.0f, 1e-6f);
  EXPECT_TRUE(std::isnan(step_exp(std::numeric_limits<float>::quiet_NaN())));
}

TEST(StepExp, InDoubleItIsTheCLibrarys) {
  for (const double x : {-100.0, -1.5, 0.3, 90.0}) {
    EXPECT_EQ(step_exp(x), std::exp(x));
  }
}

TEST(StepExp, ADualCarriesTheValueAsItsSlope) {
  const auto y = step_exp(dual<float, 1>(1.25f, 0));
  EXPECT_EQ(y.value, step_exp(1.25f));
  EXPECT_EQ(y.d[0], y.value);
}

}  // namespace
}  // namespace backspike
