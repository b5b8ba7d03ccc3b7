// Parts of data are disjoint, complete, in proportion to the classes, and the same for a seed.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/split.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::int32_t> random_labels(std::uint64_t seed, std::size_t samples, std::uint32_t classes) {
  random_stream random(seed, random_purpose::test);
  std::vector<std::int32_t> labels;
  for (std::size_t s = 0; s < samples; ++s) {
    labels.push_back(static_cast<std::int32_t>(std::min(random.below(classes), random.below(classes))));
  }
  return labels;
}

std::vector<std::size_t> counts(const std::vector<std::int32_t>& labels, const std::vector<std::uint32_t>& picked) {
  std::vector<std::size_t> count(static_cast<std::size_t>(*std::max_element(labels.begin(), labels.end())) + 1, 0);
  for (const std::uint32_t s : picked) {
    ++count[static_cast<std::size_t>(labels[s])];
  }
  return count;
}

std::vector<std::uint32_t> every(std::size_t samples) {
  std::vector<std::uint32_t> all(samples);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

TEST(Split, PartsAreDisjointCompleteAndAscending) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto labels = random_labels(seed, 20 + 13 * seed, 2 + static_cast<std::uint32_t>(seed % 9));
    const auto parts = stratified_split(labels, 0.01 * static_cast<double>(seed), seed);
    EXPECT_TRUE(std::is_sorted(parts.kept.begin(), parts.kept.end()));
    EXPECT_TRUE(std::is_sorted(parts.taken.begin(), parts.taken.end()));
    std::vector<std::uint32_t> all;
    std::merge(parts.kept.begin(), parts.kept.end(), parts.taken.begin(), parts.taken.end(), std::back_inserter(all));
    EXPECT_EQ(all, every(labels.size()));
  }
}

TEST(Split, EveryClassGivesItsShareToWithinOneSample) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto labels = random_labels(seed, 300, 5);
    const double share = 0.02 + 0.015 * static_cast<double>(seed);
    const auto parts = stratified_split(labels, share, seed);
    EXPECT_EQ(parts.taken.size(), static_cast<std::size_t>(std::llround(share * 300.0)));
    const auto all = counts(labels, every(300)), taken = counts(labels, parts.taken);
    for (std::size_t c = 0; c < all.size(); ++c) {
      EXPECT_NEAR(static_cast<double>(taken[c]), share * static_cast<double>(all[c]), 1.0 + share) << c;
    }
  }
}

TEST(Split, DependsOnTheSeedOnly) {
  const auto labels = random_labels(1, 500, 4);
  EXPECT_EQ(stratified_split(labels, 0.2, 7).taken, stratified_split(labels, 0.2, 7).taken);
  EXPECT_NE(stratified_split(labels, 0.2, 7).taken, stratified_split(labels, 0.2, 8).taken);
}

TEST(Split, EverySampleIsTakenAboutEquallyOften) {
  const std::vector<std::int32_t> labels{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  std::vector<int> taken(labels.size(), 0);
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    for (const std::uint32_t s : stratified_split(labels, 0.3, seed).taken) {
      ++taken[s];
    }
  }
  for (const int count : taken) {
    EXPECT_NEAR(count, 600, 5 * std::sqrt(2000 * 0.3 * 0.7));
  }
}

TEST(Split, EveryClassKeepsASample) {
  const std::vector<std::int32_t> labels{0, 1, 1, 2, 2, 2};
  const auto parts = stratified_split(labels, 0.99, 1);
  EXPECT_THAT(counts(labels, parts.kept), ElementsAre(1, 1, 1));
}

TEST(Split, NothingIsTakenOfNothing) {
  EXPECT_THAT(stratified_split({}, 0.5, 1).taken, IsEmpty());
  EXPECT_THAT(stratified_split(random_labels(1, 50, 3), 0.0, 1).taken, IsEmpty());
  EXPECT_THAT(stratified_first({}, 5), IsEmpty());
}

TEST(Split, RefusesWhatIsNoShareOrLabel) {
  const std::vector<std::int32_t> labels{0, 1}, wrong{0, -1};
  EXPECT_THROW(stratified_split(labels, 1.0, 1), value_error);
  EXPECT_THROW(stratified_split(labels, -0.1, 1), value_error);
  EXPECT_THROW(stratified_split(labels, std::nan(""), 1), value_error);
  EXPECT_THROW(stratified_split(wrong, 0.5, 1), value_error);
}

TEST(Split, FirstSamplesOfEveryClass) {
  const std::vector<std::int32_t> sorted{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
  EXPECT_THAT(stratified_first(sorted, 6), ElementsAre(0, 1, 4, 5, 8, 9));
  EXPECT_THAT(stratified_first(sorted, 4), ElementsAre(0, 1, 4, 8));
  EXPECT_EQ(stratified_first(sorted, 100), every(12));
  for (std::size_t n = 0; n <= 12; ++n) {
    EXPECT_EQ(stratified_first(sorted, n).size(), n);
  }
}

TEST(Split, SpreadEvenlyFromTheFirstOn) {
  EXPECT_THAT(spread_evenly(10, 4), ElementsAre(0, 2, 5, 7));
  EXPECT_EQ(spread_evenly(3, 3), every(3));
  EXPECT_EQ(spread_evenly(3, 16), every(3));
  EXPECT_THAT(spread_evenly(0, 8), IsEmpty());
  EXPECT_THAT(spread_evenly(8, 0), IsEmpty());
}

TEST(Split, WherePartsByAQuestion) {
  const auto parts = split_where(5, [](std::size_t s) { return s % 2 == 1; });
  EXPECT_THAT(parts.kept, ElementsAre(0, 2, 4));
  EXPECT_THAT(parts.taken, ElementsAre(1, 3));
}

TEST(StratifiedFold, DealsEverySampleToOnePart) {
  const auto labels = random_labels(5, 103, 4);
  std::vector<std::uint32_t> all;
  for (std::uint32_t fold = 1; fold <= 10; ++fold) {
    const auto picks = stratified_fold(labels, 10, fold);
    EXPECT_EQ(picks.kept.size() + picks.taken.size(), labels.size());
    EXPECT_GE(picks.taken.size(), 10U);
    EXPECT_LE(picks.taken.size(), 11U);
    const auto whole = counts(labels, every(labels.size())), part = counts(labels, picks.taken);
    for (std::size_t c = 0; c < whole.size(); ++c) {
      EXPECT_LE(part[c], whole[c] / 10 + 1);
      EXPECT_GE(part[c], whole[c] / 10);
    }
    all.insert(all.end(), picks.taken.begin(), picks.taken.end());
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, every(labels.size()));
  EXPECT_NE(stratified_fold(labels, 10, 1).taken.front(), stratified_fold(labels, 10, 2).taken.front());
}

TEST(StratifiedFold, RefusesPartsThatAreNotThere) {
  const auto labels = random_labels(5, 20, 2);
  EXPECT_THROW(stratified_fold(labels, 1, 1), value_error);
  EXPECT_THROW(stratified_fold(labels, 21, 1), value_error);
  EXPECT_THROW(stratified_fold(labels, 5, 0), value_error);
  EXPECT_THROW(stratified_fold(labels, 5, 6), value_error);
}

}  // namespace
}  // namespace backspike
