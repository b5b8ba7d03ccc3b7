// The spike in both modes: the smooth spike is the integral of the surrogate's shape, and a dual number carries it.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/scalar/dual.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace backspike {
namespace {

class Surrogate : public ::testing::TestWithParam<surrogate_kind> {
 protected:
  static constexpr double width = 0.3, height = 1.7;
  spike_function spike(spike_mode mode) const {
    return {{GetParam(), width, height}, reset_kind::subtract, false, mode};
  }
};

std::string name_of_kind(const ::testing::TestParamInfo<surrogate_kind>& info) {
  return std::string(name_of(info.param));
}

std::vector<surrogate_kind> all_kinds() {
  std::vector<surrogate_kind> kinds;
  for (const auto& entry : enum_names<surrogate_kind>) {
    kinds.push_back(entry.value);
  }
  return kinds;
}

INSTANTIATE_TEST_SUITE_P(All, Surrogate, ::testing::ValuesIn(all_kinds()), name_of_kind);

// Away from the kinks at 0 and, for the shapes with an end, at 1.
constexpr double places[] = {-40.0, -3.1, -1.2, -0.7, -0.05, 0.04, 0.6, 0.93, 1.08, 2.5, 40.0};

template <class F>
double slope(const F& f, double x) {
  constexpr double h = 1e-3;
  return (45.0 * (f(x + h) - f(x - h)) - 9.0 * (f(x + 2 * h) - f(x - 2 * h)) + f(x + 3 * h) - f(x - 3 * h)) /
         (60.0 * h);
}

TEST_P(Surrogate, ShapeIsTheDerivativeOfItsIntegral) {
  const auto integral = [&](double x) { return surrogate_integral(GetParam(), x); };
  for (const double x : places) {
    EXPECT_NEAR(slope(integral, x), surrogate_shape(GetParam(), x), 1e-10) << x;
  }
}

TEST_P(Surrogate, ShapeIsAPeakOfOneAtTheThreshold) {
  const bool negative_far_out = GetParam() == surrogate_kind::multi_gaussian,
             flat = GetParam() == surrogate_kind::boxcar;
  EXPECT_NEAR(surrogate_shape(GetParam(), 0.0), 1.0, 1e-15);
  double lowest = 1.0;
  for (const double x : places) {
    EXPECT_LE(surrogate_shape(GetParam(), x), flat ? 1.0 : 0.9999);
    EXPECT_DOUBLE_EQ(surrogate_shape(GetParam(), x), surrogate_shape(GetParam(), -x));
    lowest = std::min(lowest, surrogate_shape(GetParam(), x));
  }
  EXPECT_LT(lowest, 0.01);
  EXPECT_EQ(lowest < 0.0, negative_far_out) << lowest;
}

/// The shape of the multi-Gaussian as the paper writes it.
TEST(MultiGaussian, IsThePapersSumOfThreeNormalDensities) {
  const auto density = [](double x, double mean, double sigma) {
    return std::exp(-(x - mean) * (x - mean) / (2.0 * sigma * sigma)) / (sigma * std::sqrt(2.0 * 3.141592653589793));
  };
  const auto sum = [&](double x) {
    return 1.15 * density(x, 0.0, 1.0) - 0.15 * density(x, 1.0, 6.0) - 0.15 * density(x, -1.0, 6.0);
  };
  for (const double x : places) {
    EXPECT_NEAR(surrogate_shape(surrogate_kind::multi_gaussian, x), sum(x) / sum(0.0), 1e-14) << x;
  }
}

/// The area under the shape, by the midpoint rule over x = tan(angle), which reaches both infinities.
double area_of(surrogate_kind kind) {
  constexpr int pieces = 400000;
  constexpr double pi = 3.141592653589793;
  double sum = 0.0;
  for (int k = 0; k < pieces; ++k) {
    const double x = std::tan(pi * ((k + 0.5) / pieces - 0.5));
    sum += surrogate_shape(kind, x) * (1.0 + x * x) * pi / pieces;
  }
  return sum;
}

TEST_P(Surrogate, IntegralRisesFromZeroToTheAreaOfTheShape) {
  const double all = surrogate_integral(GetParam(), 1e12);
  EXPECT_NEAR(surrogate_integral(GetParam(), -1e12), 0.0, 1e-11);
  EXPECT_NEAR(all, area_of(GetParam()), 5e-5);
  EXPECT_NEAR(surrogate_integral(GetParam(), 0.0), 0.5 * all, 1e-11);
  double sum = 0.0;  // the trapezoidal rule, step 0.001
  for (int k = -40000; k < 600; ++k) {
    sum += 0.0005 * (surrogate_shape(GetParam(), 0.001 * k) + surrogate_shape(GetParam(), 0.001 * (k + 1)));
  }
  EXPECT_NEAR(surrogate_integral(GetParam(), 0.6) - surrogate_integral(GetParam(), -40.0), sum, 6e-4);
}

TEST_P(Surrogate, CompactSupportIsWhatItSays) {
  const bool outside_is_zero = surrogate_shape(GetParam(), 1.0) == 0.0 && surrogate_shape(GetParam(), -7.0) == 0.0;
  EXPECT_EQ(outside_is_zero, has_compact_support(GetParam()));
}

TEST_P(Surrogate, HardSpikeIsAStepThatIncludesTheThreshold) {
  const spike_function f = spike(spike_mode::hard);
  EXPECT_EQ(f(0.0), 1.0);
  EXPECT_EQ(f(-0.0), 1.0);
  EXPECT_EQ(f(-1e-300), 0.0);
  EXPECT_EQ(f(5.0f), 1.0f);
}

TEST_P(Surrogate, DualSpikeCarriesHeightTimesShape) {
  for (const double x : places) {
    const double u = x * width, expected = height * surrogate_shape(GetParam(), x);
    const auto hard = spike(spike_mode::hard)(dual<double, 1>(u, 0));
    const auto smooth = spike(spike_mode::smooth)(dual<double, 1>(u, 0));
    EXPECT_EQ(hard.value, u >= 0.0 ? 1.0 : 0.0);
    EXPECT_NEAR(hard.d[0], expected, 1e-14);
    EXPECT_EQ(smooth.d[0], hard.d[0]);
    EXPECT_NEAR(smooth.value, height * width * surrogate_integral(GetParam(), x), 1e-15);
    const auto f = [&](double at) { return spike(spike_mode::smooth)(at * width); };
    EXPECT_NEAR(smooth.d[0], slope(f, x) / width, 1e-9) << x;
  }
}

TEST_P(Surrogate, NestedDualsGiveTheSecondDerivative) {
  using d1 = dual<double, 1>;
  for (const double x : places) {
    for (const spike_mode mode : {spike_mode::hard, spike_mode::smooth}) {
      const auto twice = spike(mode)(dual<d1, 1>(d1(x * width, 0), 0));
      const auto first = [&](double at) { return spike(mode)(d1(at * width, 0)).d[0]; };
      EXPECT_NEAR(twice.d[0].d[0], slope(first, x) / width, 1e-8) << x;
      EXPECT_EQ(twice.d[0].value, twice.value.d[0]);
    }
  }
}

}  // namespace
}  // namespace backspike
