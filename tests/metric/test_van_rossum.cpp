// Against the double sum and the integral that define it, as a metric, and in its limits.

#include <backspike/metric/van_rossum.hpp>

#include <backspike/core/error.hpp>

#include "metric/random_trains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace backspike {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::random_pair;
using testing::random_train;
using ::testing::ThrowsMessage;
using testing::times;

double correlation(const times& a, const times& b, double tau) {
  double sum = 0.0;
  for (const double x : a) {
    for (const double y : b) {
      sum += std::exp(-std::abs(x - y) / tau);
    }
  }
  return sum / 2.0;
}

double filtered(const times& train, double t, double tau) {
  double sum = 0.0;
  for (const double spike : train) {
    sum += spike <= t ? std::exp(-(t - spike) / tau) : 0.0;
  }
  return sum;
}

TEST(VanRossum, IsTheDoubleSumOfHoughtonAndKreuz) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto [a, b] = random_pair(seed, 12);
    for (const double tau : {0.1, 2.0, 50.0}) {
      const double squared = correlation(a, a, tau) + correlation(b, b, tau) - 2.0 * correlation(a, b, tau);
      const double distance = van_rossum_distance(a, b, tau);
      EXPECT_NEAR(distance * distance, squared, 1e-12 * (1.0 + correlation(a, a, tau) + correlation(b, b, tau)))
          << "seed " << seed << ", tau " << tau;
    }
  }
}

TEST(VanRossum, IsTheIntegralThatDefinesIt) {
  const times a{1, 4, 4.5, 11}, b{0.5, 4, 7};
  constexpr double tau = 3.0, dt = 1e-4;
  double integral = 0.0;
  for (double t = dt / 2; t < 60.0; t += dt) {
    const double difference = filtered(a, t, tau) - filtered(b, t, tau);
    integral += difference * difference * dt;
  }
  EXPECT_NEAR(van_rossum_distance(a, b, tau), std::sqrt(integral / tau), 1e-6);
}

TEST(VanRossum, IsAMetric) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    random_stream random(seed, random_purpose::test, 92);
    const times a = random_train(random, 12), b = random_train(random, 12), c = random_train(random, 12);
    const double tau = 0.1 + 10.0 * random.uniform();
    const double ab = van_rossum_distance(a, b, tau), bc = van_rossum_distance(b, c, tau);
    EXPECT_EQ(ab, van_rossum_distance(b, a, tau));
    EXPECT_EQ(van_rossum_distance(a, a, tau), 0.0);
    EXPECT_EQ(ab > 0.0, a != b);
    EXPECT_LE(van_rossum_distance(a, c, tau), ab + bc + 1e-12) << "seed " << seed;
  }
}

TEST(VanRossum, KnownValuesAndLimits) {
  const double root_half = std::sqrt(0.5);
  EXPECT_DOUBLE_EQ(van_rossum_distance({}, times{1}, 1.0), root_half);
  EXPECT_DOUBLE_EQ(van_rossum_distance(times{1}, times{500}, 1.0), 1.0);
  EXPECT_DOUBLE_EQ(van_rossum_distance(times{1}, times{2}, 1.0), std::sqrt(1.0 - std::exp(-1.0)));
  EXPECT_DOUBLE_EQ(van_rossum_distance(times{-1e6}, {}, 1.0), root_half);
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto [a, b] = random_pair(seed, 12);
    times both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    const auto na = static_cast<double>(a.size()), nb = static_cast<double>(b.size());
    EXPECT_NEAR(van_rossum_distance(a, b, 1e12), std::abs(na - nb) * root_half, 1e-4);
    EXPECT_NEAR(van_rossum_distance(a, b, 1e-9), std::sqrt((na + nb) / 2.0 - static_cast<double>(both.size())), 1e-4);
  }
}

TEST(VanRossum, RefusesWhatItCannotCompare) {
  EXPECT_THAT([] { van_rossum_distance({}, times{5, 4}, 1.0); }, ThrowsMessage<value_error>(HasSubstr("b[1] = 4")));
  for (const double tau : {0.0, -1.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT([&] { van_rossum_distance({}, {}, tau); },
                ThrowsMessage<value_error>(AllOf(HasSubstr("tau = "), HasSubstr("above 0"))));
  }
}

}  // namespace
}  // namespace backspike
