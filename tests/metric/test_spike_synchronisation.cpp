// Against the definition over all pairs of spikes, and against values that PySpike's tests publish.

#include <backspike/metric/spike_synchronisation.hpp>

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

/// Half the shortest interval that spike i is an end of.
double half(const times& train, std::size_t i) {
  double shortest = std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k + 1 < train.size(); ++k) {
    if (k == i || k + 1 == i) {
      shortest = std::min(shortest, train[k + 1] - train[k]);
    }
  }
  return shortest / 2.0;
}

std::size_t coincident_with_any(const times& a, const times& b, double longest) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const double gap = std::abs(a[i] - b[j]);
      found = found || gap == 0.0 || gap < std::min({half(a, i), half(b, j), longest});
    }
    count += found ? 1 : 0;
  }
  return count;
}

TEST(SpikeSynchronisation, IsItsDefinitionOverAllPairs) {
  std::size_t coincident = 0, spikes = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const auto [a, b] = random_pair(seed, 10);
    for (const double longest : {0.4, 3.0, std::numeric_limits<double>::infinity()}) {
      const auto counts = count_coincidences(a, b, longest);
      EXPECT_EQ(counts.coincident, coincident_with_any(a, b, longest) + coincident_with_any(b, a, longest))
          << "seed " << seed << ", longest window " << longest;
      EXPECT_EQ(counts.spikes, a.size() + b.size());
      coincident += counts.coincident;
      spikes += counts.spikes;
    }
  }
  EXPECT_GT(coincident, spikes / 20);  // both happen
  EXPECT_LT(coincident, spikes / 2);
}

TEST(SpikeSynchronisation, IsSymmetricBoundedAndOneForTheSameTrain) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const auto [a, b] = random_pair(seed, 10);
    const double share = spike_synchronisation(a, b);
    EXPECT_EQ(share, spike_synchronisation(b, a));
    EXPECT_GE(share, 0.0);
    EXPECT_LE(share, 1.0);
    EXPECT_EQ(spike_synchronisation(a, a), 1.0);
    times far = a;
    for (double& time : far) {
      time += 1e6;
    }
    if (a.size() > 1) {
      EXPECT_EQ(spike_synchronisation(a, far), 0.0);
    }
  }
}

TEST(SpikeSynchronisation, HasNoTimeScaleOfItsOwn) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto [a, b] = random_pair(seed, 10);
    times wide_a = a, wide_b = b;
    std::ranges::for_each(wide_a, [](double& t) { t *= 8.0; });  // exactly
    std::ranges::for_each(wide_b, [](double& t) { t *= 8.0; });
    EXPECT_EQ(spike_synchronisation(a, b), spike_synchronisation(wide_a, wide_b));
  }
}

/// PySpike's tests: test_distance.py, and that of max_tau (2026, later than its version 0.9.0).
TEST(SpikeSynchronisation, PublishedValues) {
  const times three{1.0, 2.0, 3.0};
  for (const double only : {2.1, 3.1, 1.1, 0.9}) {
    EXPECT_EQ(spike_synchronisation(three, times{only}), 0.5) << only;
  }
  EXPECT_EQ(spike_synchronisation(three, times{2.1}, 0.05), 0.0);
  const times a{0.0, 1.0, 3.0, 5.0, 7.0, 9.0}, b{0.0, 1.1, 3.2, 5.3, 7.4, 9.5};
  EXPECT_EQ(spike_synchronisation(a, b), 1.0);
  for (int pairs = 1; pairs <= 6; ++pairs) {
    EXPECT_DOUBLE_EQ(spike_synchronisation(a, b, 0.1 * pairs - 0.05), pairs / 6.0);
  }
}

TEST(SpikeSynchronisation, CountsAddUpOverNeurons) {
  spike_coincidences sum = count_coincidences(times{1, 2, 3}, times{2.1});
  sum += count_coincidences({}, {});
  sum += count_coincidences(times{5, 9}, times{5, 9});
  EXPECT_EQ(sum.coincident, 6u);
  EXPECT_EQ(sum.spikes, 8u);
  EXPECT_EQ(sum.share(), 0.75);
  EXPECT_EQ(spike_synchronisation({}, {}), 1.0);
  EXPECT_EQ(spike_synchronisation(times{3}, {}), 0.0);
}

TEST(SpikeSynchronisation, RefusesWhatItCannotCompare) {
  EXPECT_THAT([] { spike_synchronisation(times{2, 1}, {}); }, ThrowsMessage<value_error>(HasSubstr("a[1] = 1")));
  EXPECT_THAT([] { spike_synchronisation(times{2}, times{3}, 0.0); },
              ThrowsMessage<value_error>(AllOf(HasSubstr("longest_window = 0"), HasSubstr("above 0"))));
}

}  // namespace
}  // namespace backspike
