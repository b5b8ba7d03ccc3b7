// Against every pairing there is, as a metric, in its limits, and against values that elephant's tests publish.

#include <backspike/metric/victor_purpura.hpp>

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

constexpr double infinity = std::numeric_limits<double>::infinity();

double cheapest(const testing::train_pair& trains, double cost) {
  double best = infinity;
  testing::each_pairing(trains, [&](const std::vector<double>& offsets) {
    double sum = static_cast<double>(trains.a.size() + trains.b.size() - 2 * offsets.size());
    for (const double offset : offsets) {
      sum += cost * std::abs(offset);
    }
    best = std::min(best, sum);
  });
  return best;
}

TEST(VictorPurpura, IsTheCheapestOfAllPairings) {
  std::size_t moved = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto trains = random_pair(seed, 5);
    for (const double cost : {0.05, 0.3, 1.0, 4.0}) {
      const double distance = victor_purpura(trains.a, trains.b, cost);
      EXPECT_NEAR(distance, cheapest(trains, cost), 1e-12) << "seed " << seed << ", cost " << cost;
      moved += distance < static_cast<double>(trains.a.size() + trains.b.size()) ? 1 : 0;
    }
  }
  EXPECT_GT(moved, 800u);  // of 1600: otherwise nothing was ever worth moving
}

TEST(VictorPurpura, IsAMetric) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    random_stream random(seed, random_purpose::test, 91);
    const times a = random_train(random, 12), b = random_train(random, 12), c = random_train(random, 12);
    const double cost = 2.0 * random.uniform();
    const double ab = victor_purpura(a, b, cost), bc = victor_purpura(b, c, cost), ac = victor_purpura(a, c, cost);
    EXPECT_EQ(ab, victor_purpura(b, a, cost));
    EXPECT_EQ(victor_purpura(a, a, cost), 0.0);
    EXPECT_EQ(ab > 0.0, a != b);
    EXPECT_LE(ac, ab + bc + 1e-12) << "seed " << seed;
  }
}

TEST(VictorPurpura, ComparesCountsAtNoCostAndTimesAtAnyCost) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const auto [a, b] = random_pair(seed, 12);
    times both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    const auto na = static_cast<double>(a.size()), nb = static_cast<double>(b.size());
    EXPECT_EQ(victor_purpura(a, b, 0.0), std::abs(na - nb));
    EXPECT_EQ(victor_purpura(a, b, infinity), na + nb - 2.0 * static_cast<double>(both.size()));
    EXPECT_EQ(victor_purpura(a, b, 1e300), victor_purpura(a, b, infinity));
  }
}

TEST(VictorPurpura, GrowsWithTheCost) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const auto [a, b] = random_pair(seed, 12);
    double before = 0.0;
    for (double cost = 0.0; cost < 3.0; cost += 0.1) {
      const double distance = victor_purpura(a, b, cost);
      EXPECT_GE(distance, before - 1e-12);
      before = distance;
    }
  }
}

/// test_spike_train_dissimilarity.py of elephant 1.2.1; times in ms, costs in 1/ms.
TEST(VictorPurpura, PublishedValues) {
  EXPECT_EQ(victor_purpura({}, {}, 1.0), 0.0);
  EXPECT_EQ(victor_purpura({}, times{1}, 1.0), 1.0);
  EXPECT_EQ(victor_purpura(times{1}, times{2}, 1.0), 1.0);
  EXPECT_NEAR(victor_purpura(times{1}, times{2.9}, 1.0), 1.9, 1e-12);
  EXPECT_EQ(victor_purpura(times{1}, times{3.1}, 1.0), 2.0);
  EXPECT_EQ(victor_purpura({}, times{12, 32}, 1.0), 2.0);
  EXPECT_NEAR(victor_purpura(times{12, 32}, times{32, 52}, 0.01), 0.4, 1e-12);
  EXPECT_NEAR(victor_purpura(times{12, 32}, times{18, 60}, 0.1), 2.6, 1e-12);
  EXPECT_EQ(victor_purpura(times{10, 20, 30, 40}, times{10, 20, 30, 40, 50}, 1.0), 1.0);
  EXPECT_EQ(victor_purpura(times{12, 32}, times{10, 20, 30, 40}, infinity), 6.0);
  EXPECT_EQ(victor_purpura(times{12, 32}, times{10, 20, 30, 40}, 0.0), 2.0);
}

TEST(VictorPurpura, RefusesWhatItCannotCompare) {
  EXPECT_THAT(
      [] {
        victor_purpura(times{1, 3, 2}, times{1}, 1.0);
      },
      ThrowsMessage<value_error>(AllOf(HasSubstr("victor_purpura: a[2] = 2"), HasSubstr("later than 3"))));
  EXPECT_THAT([] { victor_purpura(times{1}, times{2, 2}, 1.0); }, ThrowsMessage<value_error>(HasSubstr("b[1] = 2")));
  EXPECT_THAT([] { victor_purpura(times{1}, times{infinity}, 1.0); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("b[0] = inf"), HasSubstr("finite"))));
  for (const double cost : {-0.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT([&] { victor_purpura(times{1}, times{2}, cost); },
                ThrowsMessage<value_error>(AllOf(HasSubstr("cost = "), HasSubstr("0 or more"))));
  }
}

}  // namespace
}  // namespace backspike
