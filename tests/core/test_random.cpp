// Random numbers: the known answers of Philox, and statistics at five standard deviations.

#include <backspike/core/random.hpp>

#include <Random123/philox.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <numbers>
#include <set>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Seeds are fixed, so that a bound is passed or failed once and for all: five standard deviations leave room for an
// ordinary stream and none for a biased one.
constexpr double sigmas = 5.0;

random_stream stream_of(std::uint64_t seed, std::uint64_t index = 0) { return {seed, random_purpose::test, index}; }

/// Pearson's statistic for equal expectations; its mean is n - 1, its variance 2 (n - 1).
double chi_square(const std::vector<double>& counts) {
  double total = 0.0, sum = 0.0;
  for (const double c : counts) {
    total += c;
  }
  const double expected = total / static_cast<double>(counts.size());
  for (const double c : counts) {
    sum += (c - expected) * (c - expected) / expected;
  }
  return sum;
}

void expect_uniform(const std::vector<double>& counts) {
  const double free = static_cast<double>(counts.size() - 1);
  EXPECT_LT(chi_square(counts), free + sigmas * std::sqrt(2.0 * free));
}

std::vector<double> uniforms(random_stream stream, std::size_t n) {
  std::vector<double> x(n);
  std::ranges::generate(x, [&] { return stream.uniform(); });
  return x;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    sum += (a[k] - 0.5) * (b[k] - 0.5);
  }
  return 12.0 * sum / static_cast<double>(a.size());
}

// Known answers of the Random123 distribution (kat_vectors, philox4x32 with 10 rounds).
TEST(Random, LibraryGivesTheKnownAnswersOfPhilox) {
  using counter = r123::Philox4x32::ctr_type;
  using key = r123::Philox4x32::key_type;
  const r123::Philox4x32 philox;
  EXPECT_EQ(philox(counter{{0, 0, 0, 0}}, key{{0, 0}}), (counter{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}));
  EXPECT_EQ(philox(counter{{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}}, key{{0xffffffff, 0xffffffff}}),
            (counter{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}));
  EXPECT_EQ(philox(counter{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, key{{0xa4093822, 0x299f31d0}}),
            (counter{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}));
}

TEST(Random, StreamOfZeroSeedStartsWithTheKnownAnswer) {
  random_stream zero(0, random_purpose{0}, 0);  // every word of counter and key is 0
  const std::array<std::uint32_t, 4> first{zero.bits(), zero.bits(), zero.bits(), zero.bits()};
  EXPECT_THAT(first, ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
}

// What the numbers of a run depend on; changing it changes every published result.
TEST(Random, NumbersAreAFunctionOfSeedPurposeIndexAndPosition) {
  const std::uint64_t seed = 0x0123456789abcdef, index = 0xfedcba9876543210;
  random_stream stream(seed, random_purpose::encoder, index);
  for (std::uint32_t block = 0; block < 5; ++block) {
    const r123::Philox4x32::ctr_type counter{{block, 3, 0x76543210, 0xfedcba98}};
    const auto expected = r123::Philox4x32{}(counter, {{0x89abcdef, 0x01234567}});
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(stream.bits(), expected[k]) << "block " << block << ", word " << k;
    }
  }
}

TEST(Random, CopiesContinueFromTheSamePlace) {
  random_stream a = stream_of(3);
  (void)a.normal();  // leaves a spare behind
  random_stream b = a;
  for (int k = 0; k < 9; ++k) {
    EXPECT_EQ(a.normal(), b.normal());
    EXPECT_EQ(a.bits(), b.bits());
  }
}

TEST(Random, UniformIsUniformAndNeverZeroOrOne) {
  constexpr std::size_t n = 200000, bins = 64;
  const auto x = uniforms(stream_of(1), n);
  std::vector<double> counts(bins, 0.0);
  double sum = 0.0, squares = 0.0;
  for (const double u : x) {
    ASSERT_GT(u, 0.0);
    ASSERT_LT(u, 1.0);
    ++counts[static_cast<std::size_t>(u * bins)];
    sum += u;
    squares += u * u;
  }
  const double mean = sum / n, variance = squares / n - mean * mean;
  EXPECT_NEAR(mean, 0.5, sigmas * std::sqrt(1.0 / 12.0 / n));
  EXPECT_NEAR(variance, 1.0 / 12.0, sigmas * std::sqrt(1.0 / 180.0 / n));
  expect_uniform(counts);
}

TEST(Random, NeighboursOfAStreamAreUncorrelated) {
  constexpr std::size_t n = 100000;
  const auto x = uniforms(stream_of(2), n + 4);
  for (std::ptrdiff_t lag = 1; lag <= 4; ++lag) {
    const std::vector<double> a(x.begin(), x.begin() + n), b(x.begin() + lag, x.begin() + lag + n);
    EXPECT_LT(std::fabs(correlation(a, b)), sigmas / std::sqrt(n)) << "lag " << lag;
  }
}

TEST(Random, NormalHasTheMomentsAndTheTailsOfTheNormalDistribution) {
  constexpr int n = 200000;
  random_stream stream = stream_of(4);
  double moment[5] = {};
  std::map<int, double> beyond{{1, 0.0}, {2, 0.0}, {3, 0.0}};
  for (int k = 0; k < n; ++k) {
    const double x = stream.normal();
    ASSERT_TRUE(std::isfinite(x));
    for (int p = 1; p <= 4; ++p) {
      moment[p] += std::pow(x, p) / n;
    }
    for (auto& [limit, count] : beyond) {
      count += x > limit ? 1.0 : 0.0;
    }
  }
  const double root = std::sqrt(static_cast<double>(n));
  EXPECT_NEAR(moment[1], 0.0, sigmas / root);
  EXPECT_NEAR(moment[2], 1.0, sigmas * std::sqrt(2.0) / root);
  EXPECT_NEAR(moment[3], 0.0, sigmas * std::sqrt(15.0) / root);
  EXPECT_NEAR(moment[4], 3.0, sigmas * std::sqrt(96.0) / root);
  for (const auto& [limit, count] : beyond) {
    const double p = 0.5 * std::erfc(limit / std::numbers::sqrt2);
    EXPECT_NEAR(count / n, p, sigmas * std::sqrt(p * (1.0 - p)) / root) << "above " << limit;
  }
}

TEST(Random, NormalPairsAreUncorrelated) {
  constexpr int n = 100000;
  random_stream stream = stream_of(5);
  double sum = 0.0, squares = 0.0;
  for (int k = 0; k < n; ++k) {
    const double a = stream.normal(), b = stream.normal();  // both halves of one Box-Muller pair
    sum += a * b;
    squares += (a * a - 1.0) * (b * b - 1.0);
  }
  EXPECT_LT(std::fabs(sum / n), sigmas / std::sqrt(n));
  EXPECT_LT(std::fabs(squares / n), sigmas * 2.0 / std::sqrt(n));
}

TEST(Random, BelowCoversItsRangeEvenly) {
  for (const std::uint32_t bound : {1u, 2u, 7u, 100u}) {
    random_stream stream = stream_of(6, bound);
    std::vector<double> counts(bound, 0.0);
    for (int k = 0; k < 50000; ++k) {
      const std::uint32_t x = stream.below(bound);
      ASSERT_LT(x, bound);
      ++counts[x];
    }
    if (bound > 1) {
      expect_uniform(counts);
    }
  }
}

// A remainder gives the first third twice as often, a product without rejection every third number.
TEST(Random, BelowIsUnbiasedForBoundsNearTheWordSize) {
  constexpr std::uint32_t bound = 3u << 30;
  random_stream stream = stream_of(7);
  std::vector<double> thirds(3, 0.0), remainders(3, 0.0);
  for (int k = 0; k < 60000; ++k) {
    const std::uint32_t x = stream.below(bound);
    ASSERT_LT(x, bound);
    ++thirds[x >> 30];
    ++remainders[x % 3];
  }
  expect_uniform(thirds);
  expect_uniform(remainders);
}

TEST(Random, StreamsOfDifferentPurposeSeedOrIndexShareNothing) {
  std::vector<std::vector<double>> streams;
  for (const auto purpose : {random_purpose::weights, random_purpose::shuffle, random_purpose::encoder,
                             random_purpose::split, random_purpose::test}) {
    for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1} << 32}) {
      for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32}) {
        streams.push_back(uniforms(random_stream(seed, purpose, index), 4000));
      }
    }
  }
  for (std::size_t a = 0; a < streams.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      ASSERT_LT(std::fabs(correlation(streams[a], streams[b])), sigmas / std::sqrt(4000.0)) << a << " and " << b;
    }
  }
}

TEST(Random, PurposesNeverRepeatOneAnothersBlocks) {
  std::set<std::array<std::uint32_t, 4>> blocks;
  std::size_t drawn = 0;
  for (const auto purpose : {random_purpose::weights, random_purpose::shuffle, random_purpose::encoder}) {
    for (std::uint64_t index = 0; index < 4; ++index) {
      random_stream stream(9, purpose, index);
      for (int k = 0; k < 1000; ++k, ++drawn) {
        blocks.insert({stream.bits(), stream.bits(), stream.bits(), stream.bits()});
      }
    }
  }
  EXPECT_EQ(blocks.size(), drawn);
}

TEST(Permutation, HoldsEveryNumberOnce) {
  EXPECT_THAT(permutation(0, stream_of(1)), IsEmpty());
  EXPECT_THAT(permutation(1, stream_of(1)), ElementsAre(0));
  auto order = permutation(1000, stream_of(1));
  EXPECT_FALSE(std::ranges::is_sorted(order));
  std::ranges::sort(order);
  for (std::uint32_t k = 0; k < 1000; ++k) {
    ASSERT_EQ(order[k], k);
  }
}

TEST(Permutation, DependsOnTheStreamOnly) {
  EXPECT_EQ(permutation(100, stream_of(1, 4)), permutation(100, stream_of(1, 4)));
  EXPECT_NE(permutation(100, stream_of(1, 4)), permutation(100, stream_of(1, 5)));
}

TEST(Permutation, EveryOrderIsEquallyLikely) {
  std::map<std::vector<std::uint32_t>, double> seen;
  for (std::uint64_t k = 0; k < 24000; ++k) {
    ++seen[permutation(4, stream_of(11, k))];
  }
  ASSERT_EQ(seen.size(), 24u);
  std::vector<double> counts;
  for (const auto& [order, count] : seen) {
    counts.push_back(count);
  }
  expect_uniform(counts);
}

}  // namespace
}  // namespace backspike
