// Against every pairing there is, by hand, and the figures that follow from the counts.

#include <backspike/metric/spike_matching.hpp>

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
using ::testing::ThrowsMessage;
using testing::times;

struct best_found {
  std::size_t pairs = 0;
  double squares = 0.0;
};

best_found best_of_all(const testing::train_pair& trains, double tolerance) {
  best_found best;
  testing::each_pairing(trains, [&](const std::vector<double>& offsets) {
    double squares = 0.0;
    for (const double offset : offsets) {
      if (std::abs(offset) > tolerance) {
        return;
      }
      squares += offset * offset;
    }
    if (offsets.size() > best.pairs || (offsets.size() == best.pairs && squares < best.squares)) {
      best = {offsets.size(), squares};
    }
  });
  return best;
}

TEST(SpikeMatching, IsTheBestOfAllPairings) {
  std::size_t matched = 0, left = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const auto trains = random_pair(seed, 6);
    for (const double tolerance : {0.0, 1.0, 2.0, 7.0}) {
      const auto found = match_spikes(trains.a, trains.b, tolerance);
      const auto best = best_of_all(trains, tolerance);
      EXPECT_EQ(found.matched, best.pairs) << "seed " << seed << ", tolerance " << tolerance;
      EXPECT_NEAR(found.offset_squares, best.squares, 1e-9) << "seed " << seed << ", tolerance " << tolerance;
      EXPECT_EQ(found.matched + found.missed, trains.a.size());
      EXPECT_EQ(found.matched + found.extra, trains.b.size());
      matched += found.matched;
      left += found.missed;
    }
  }
  EXPECT_GT(matched, 1000u);
  EXPECT_GT(left, 1000u);
}

TEST(SpikeMatching, TurnsAroundWithItsArguments) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto [a, b] = random_pair(seed, 12);
    const auto there = match_spikes(a, b, 2.0), back = match_spikes(b, a, 2.0);
    EXPECT_EQ(there.matched, back.matched);
    EXPECT_EQ(there.missed, back.extra);
    EXPECT_NEAR(there.offset_squares, back.offset_squares, 1e-9);
    const auto same = match_spikes(a, a, 2.0);
    EXPECT_EQ(same.matched, a.size());
    EXPECT_EQ(same.offset_squares, 0.0);
  }
}

TEST(SpikeMatching, ByHand) {
  // The output at 9.5 is nearest to the target at 10, and answers the one at 8, so that both have an answer.
  const auto found = match_spikes(times{8, 10, 30}, times{9.5, 11, 40, 50}, 2.0);
  EXPECT_EQ(found.matched, 2u);
  EXPECT_EQ(found.missed, 1u);
  EXPECT_EQ(found.extra, 2u);
  EXPECT_EQ(found.offset_sum, 2.5);
  EXPECT_EQ(found.offset_squares, 3.25);
  EXPECT_DOUBLE_EQ(found.matched_share(), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(found.extra_share(), 2.0 / 3.0);
  // The exact answer wins over an earlier one that is within the tolerance, too.
  EXPECT_EQ(match_spikes(times{10}, times{9, 10}, 2.0).offset_squares, 0.0);
}

TEST(SpikeMatching, JitterIsTheDeviationOverRepeats) {
  spike_matching sum;
  for (const double repeat : {19.0, 20.0, 21.0, 24.0, 90.0}) {
    sum += match_spikes(times{20}, times{repeat}, 5.0);
  }
  EXPECT_EQ(sum.matched, 4u);
  EXPECT_EQ(sum.missed, 1u);
  EXPECT_EQ(sum.extra, 1u);
  EXPECT_DOUBLE_EQ(sum.jitter(), std::sqrt((1.0 + 0.0 + 1.0 + 16.0) / 4.0));
  EXPECT_DOUBLE_EQ(sum.bias(), 1.0);
}

TEST(SpikeMatching, SaysWhatHasNoValue) {
  const auto silent = match_spikes(times{1, 2}, {}, 1.0);
  EXPECT_EQ(silent.matched_share(), 0.0);
  EXPECT_EQ(silent.extra_share(), 0.0);
  EXPECT_TRUE(std::isnan(silent.jitter()));
  EXPECT_TRUE(std::isnan(silent.bias()));
  EXPECT_EQ(match_spikes({}, {}, 1.0).matched_share(), 1.0);
  EXPECT_TRUE(std::isnan(match_spikes({}, times{1}, 1.0).extra_share()));
}

TEST(SpikeMatching, RefusesWhatItCannotCompare) {
  EXPECT_THAT([] { match_spikes(times{3, 3}, {}, 1.0); }, ThrowsMessage<value_error>(HasSubstr("target[1] = 3")));
  EXPECT_THAT([] { match_spikes({}, times{3, 2}, 1.0); }, ThrowsMessage<value_error>(HasSubstr("output[1] = 2")));
  for (const double tolerance : {-1.0, std::numeric_limits<double>::infinity()}) {
    EXPECT_THAT([&] { match_spikes({}, {}, tolerance); },
                ThrowsMessage<value_error>(AllOf(HasSubstr("tolerance = "), HasSubstr("0 ms or more"))));
  }
}

}  // namespace
}  // namespace backspike
