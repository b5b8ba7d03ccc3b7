// Steps from events, at the edges where others lose some; and filters.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/events/event_filters.hpp>
#include <backspike/events/event_steps.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using list = std::vector<camera_event>;

event_step_options by_time(std::int64_t bin_us) {
  event_step_options o;
  o.sensor = {4, 3};
  o.bin_us = bin_us;
  return o;
}

std::vector<std::vector<std::uint32_t>> rows_of(const stepped_events& s) {
  std::vector<std::vector<std::uint32_t>> rows;
  for (std::size_t r = 0; r < s.rows.rows(); ++r) {
    const auto row = s.rows.row(r).channels;
    rows.emplace_back(row.begin(), row.end());
  }
  return rows;
}

std::uint64_t total(const event_step_counts& c) {
  return c.taken + c.merged + c.before + c.after + c.cropped + c.other_polarity + c.outside;
}

using rows = std::vector<std::vector<std::uint32_t>>;

TEST(Steps, CountFromTheOriginAndKeepTheLastOne) {
  // The first step begins at 0, not with the first event; the last one is partial; an event on an edge is in the next.
  const auto s = events_to_steps(list{{15, 1, 0, true}, {29, 0, 0, false}, {30, 3, 2, true}}, by_time(10));
  EXPECT_EQ(rows_of(s), (rows{{}, {3}, {0}, {23}}));
  EXPECT_EQ(s.channels(), 24U);
  EXPECT_EQ(s.counts.taken, 3U);
}

TEST(Steps, OfOneEventAndOfNone) {
  EXPECT_EQ(rows_of(events_to_steps(list{{0, 0, 0, true}}, by_time(1000))), (rows{{1}}));
  EXPECT_EQ(rows_of(events_to_steps({}, by_time(1000))), (rows{{}}));
  auto o = by_time(1000);
  o.steps = 3;
  EXPECT_EQ(rows_of(events_to_steps({}, o)), (rows{{}, {}, {}}));
  o = by_time(0);
  o.events_per_step = 5;
  EXPECT_EQ(rows_of(events_to_steps(list{{7, 0, 0, true}}, o)), (rows{{1}}));
}

TEST(Steps, OriginAndNumberOfSteps) {
  auto o = by_time(10);
  o.origin_us = 20;
  o.steps = 2;
  const auto s = events_to_steps(list{{19, 0, 0, true}, {20, 1, 0, true}, {39, 2, 0, true}, {40, 3, 0, true}}, o);
  EXPECT_EQ(rows_of(s), (rows{{3}, {5}}));
  EXPECT_EQ(s.counts.before, 1U);
  EXPECT_EQ(s.counts.after, 1U);
  o.steps = 0;
  o.from_first = true;
  EXPECT_EQ(events_to_steps(list{{1700000000000005, 0, 0, true}, {1700000000000000, 1, 0, true}}, o).rows.rows(), 1U);
  EXPECT_EQ(events_to_steps(list{{-25, 0, 0, true}, {0, 1, 0, true}}, o).rows.rows(), 3U);
}

TEST(Steps, ByNumberAndByBoth) {
  auto o = by_time(0);
  o.events_per_step = 2;
  const list five{{0, 0, 0, false}, {1, 1, 0, false}, {2, 2, 0, false}, {50, 3, 0, false}, {51, 0, 1, false}};
  EXPECT_EQ(rows_of(events_to_steps(five, o)), (rows{{0, 2}, {4, 6}, {8}}));
  o.bin_us = 10;  // three events in the first bin make two steps; empty bins stay
  EXPECT_EQ(rows_of(events_to_steps(five, o)), (rows{{0, 2}, {4}, {}, {}, {}, {}, {6, 8}}));
}

TEST(Steps, MergeOrSum) {
  auto o = by_time(10);
  const list twice{{0, 1, 1, true}, {5, 1, 1, true}, {9, 1, 1, false}};
  auto s = events_to_steps(twice, o);
  EXPECT_EQ(rows_of(s), (rows{{10, 11}}));
  EXPECT_FALSE(s.rows.graded());
  EXPECT_EQ(s.counts.merged, 1U);
  o.duplicates = duplicate_events::count;
  o.polarity = polarity_channels::merged;
  s = events_to_steps(twice, o);
  EXPECT_EQ(rows_of(s), (rows{{5}}));
  EXPECT_THAT(s.rows.values, ElementsAre(3.0F));
  o.polarity = polarity_channels::off;
  s = events_to_steps(twice, o);
  EXPECT_THAT(s.rows.values, ElementsAre(1.0F));
  EXPECT_EQ(s.counts.other_polarity, 2U);
}

TEST(Steps, CropAndBlocks) {
  event_step_options o;
  o.sensor = {10, 8};
  o.crop = {2, 1, 5, 0};
  o.down = 2;
  o.bin_us = 10;
  o.polarity = polarity_channels::merged;
  const auto s =
      events_to_steps(list{{0, 2, 1, true}, {0, 6, 7, true}, {0, 7, 7, true}, {0, 1, 1, true}, {0, 10, 0, true}}, o);
  EXPECT_EQ(s.width, 3U);   // 5 pixels in blocks of two: the last one is partial
  EXPECT_EQ(s.height, 4U);  // 7
  EXPECT_EQ(rows_of(s), (rows{{0, 11}}));
  EXPECT_EQ(s.counts.cropped, 2U);
  EXPECT_EQ(s.counts.outside, 1U);
}

TEST(Steps, LoseNothingInAnyOrder) {
  random_stream random(1, random_purpose::test);
  for (int round = 0; round < 100; ++round) {
    list all(random.below(400));
    for (auto& e : all) {
      e = {static_cast<std::int64_t>(random.below(1000)) - 50, static_cast<std::uint16_t>(random.below(5)),
           static_cast<std::uint16_t>(random.below(3)), random.below(2) == 1};
    }
    auto o = by_time(1 + random.below(90));
    o.duplicates = duplicate_events::count;
    o.steps = random.below(2) * random.below(40);
    const auto s = events_to_steps(all, o);
    ASSERT_EQ(total(s.counts), all.size());
    std::map<std::pair<std::size_t, std::uint32_t>, float> expected, found;
    for (const auto& e : all) {
      const auto step = e.t < 0 ? -1 : e.t / o.bin_us;
      if (step >= 0 && e.x < 4 && (o.steps == 0 || step < static_cast<std::int64_t>(o.steps))) {
        expected[{static_cast<std::size_t>(step), (e.y * 4U + e.x) * 2U + (e.on ? 1U : 0U)}] += 1.0F;
      }
    }
    for (std::size_t r = 0; r < s.rows.rows(); ++r) {
      for (std::size_t k = 0; k < s.rows.row(r).channels.size(); ++k) {
        found[{r, s.rows.row(r).channels[k]}] += s.rows.row(r).values[k];
      }
    }
    ASSERT_EQ(found, expected);
    s.rows.validate(s.channels());
  }
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const value_error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(Steps, RefuseWhatCannotBe) {
  auto o = by_time(0);
  EXPECT_THAT(refusal([&] { events_to_steps({}, o); }), HasSubstr("bin_us = 0"));
  o = by_time(1);
  EXPECT_THAT(refusal([&] { events_to_steps(list{{1700000000000000, 0, 0, true}}, o); }), HasSubstr("from_first"));
  o.crop = {3, 0, 2, 0};
  EXPECT_THAT(refusal([&] { events_to_steps({}, o); }), HasSubstr("crop.x"));
  o = by_time(1);
  o.sensor = {};
  EXPECT_THAT(refusal([&] { events_to_steps({}, o); }), HasSubstr("sensor = 0x0"));
  o = by_time(1);
  o.down = 0;
  EXPECT_THAT(refusal([&] { events_to_steps({}, o); }), HasSubstr("down = 0"));
}

TEST(Filters, HotPixels) {
  list all;
  for (int k = 0; k <= 100; ++k) {
    all.push_back({k * 10000, 1, 1, true});  // 101 in a second
  }
  all.push_back({500000, 2, 2, false});
  const auto r = without_hot_pixels(all, {4, 3}, 50.0);
  EXPECT_EQ(r.pixels, 1U);
  EXPECT_EQ(r.removed, 101U);
  ASSERT_EQ(r.events.size(), 1U);
  EXPECT_EQ(r.events[0].x, 2U);
  EXPECT_EQ(without_hot_pixels(all, {4, 3}, 101.0).removed, 0U);
  EXPECT_EQ(without_hot_pixels(list{{5, 0, 0, true}}, {4, 3}, 1.0).removed, 0U);
  EXPECT_THAT(refusal([&] { without_hot_pixels(all, {2, 2}, 1.0); }), HasSubstr("2, 2"));
}

TEST(Filters, RefractoryTime) {
  const list all{{0, 1, 1, true},  {9, 1, 1, false}, {9, 2, 1, true},
                 {10, 1, 1, true}, {5, 1, 1, true},  {14, 1, 1, true}};
  const auto kept = with_refractory_time(all, {4, 3}, 10);
  EXPECT_EQ((list{kept.begin(), kept.end()}),
            (list{{0, 1, 1, true}, {9, 2, 1, true}, {10, 1, 1, true}, {5, 1, 1, true}}));
  EXPECT_EQ(with_refractory_time(all, {4, 3}, 0).size(), all.size());
}

}  // namespace
}  // namespace backspike
