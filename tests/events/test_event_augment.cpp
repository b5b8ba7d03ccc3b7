// Changes of recordings: what each does to events, that nothing else changes, and that seeds decide everything.

#include <backspike/core/error.hpp>
#include <backspike/data/made_anew.hpp>
#include <backspike/events/event_augment.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace backspike {
namespace {

using list = std::vector<camera_event>;

constexpr sensor_size sensor{20, 16};
constexpr augment_frame frame{sensor, 0, 100000};

list recording(std::uint64_t seed, std::size_t events = 2000) {
  random_stream random(seed, random_purpose::test);
  list all;
  for (std::size_t k = 0; k < events; ++k) {
    all.push_back({static_cast<std::int64_t>(k * 100000 / events), static_cast<std::uint16_t>(random.below(20)),
                   static_cast<std::uint16_t>(random.below(16)), random.below(2) == 1});
  }
  return all;
}

list changed(const event_augment_spec& spec, std::uint64_t index, const list& all = recording(1)) {
  return augmented(all, recording(2), frame, spec, random_stream(7, random_purpose::augment, index));
}

TEST(EventAugment, NothingAskedNothingDone) { EXPECT_EQ(changed({}, 1), recording(1)); }

TEST(EventAugment, ShiftMovesAllEventsByTheSameWholePixels) {
  event_augment_spec spec;
  spec.shift = 3.0;
  const list one{{0, 10, 8, true}, {5, 11, 9, false}};
  std::set<std::pair<int, int>> seen;
  for (std::uint64_t k = 0; k < 300; ++k) {
    const auto moved = changed(spec, k, one);
    ASSERT_EQ(moved.size(), 2U);
    const int dx = moved[0].x - 10, dy = moved[0].y - 8;
    EXPECT_EQ(moved[1].x - 11, dx);
    EXPECT_EQ(moved[1].y - 9, dy);
    EXPECT_LE(std::max(std::abs(dx), std::abs(dy)), 3);
    seen.emplace(dx, dy);
  }
  EXPECT_EQ(seen.size(), 49U);
  const auto edge = changed(spec, 1);
  EXPECT_LT(edge.size(), 2000U);  // those that leave the sensor are lost
  EXPECT_GT(edge.size(), 1000U);
}

TEST(EventAugment, FlipMirrorsColumns) {
  event_augment_spec spec;
  spec.flip = 1.0;
  auto mirrored = recording(1);
  for (auto& e : mirrored) {
    e.x = static_cast<std::uint16_t>(19 - e.x);
  }
  EXPECT_EQ(changed(spec, 1), mirrored);
  spec.flip = 0.5;
  int flips = 0;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const auto got = changed(spec, k);
    ASSERT_TRUE(got == mirrored || got == recording(1));
    flips += got == mirrored ? 1 : 0;
  }
  EXPECT_GT(flips, 60);
  EXPECT_LT(flips, 140);
}

TEST(EventAugment, RotationAndScaleKeepTheCentreAndChangeDistances) {
  event_augment_spec spec;
  spec.rotation = 30.0;
  const augment_frame odd{{101, 101}, 0, 1000};
  const list points{{0, 50, 50, true}, {1, 90, 50, true}};
  double largest = 0.0;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const auto turned = augmented(points, {}, odd, spec, random_stream(7, random_purpose::augment, k));
    EXPECT_EQ(turned[0], points[0]);
    const double dx = turned[1].x - 50.0, dy = turned[1].y - 50.0;
    EXPECT_NEAR(std::hypot(dx, dy), 40.0, 1.0);
    largest = std::max(largest, std::fabs(std::atan2(dy, dx)));
  }
  EXPECT_NEAR(largest, 0.52, 0.04);
  spec = {};
  spec.scale = 0.2;
  double near = 100.0, far = 0.0;
  for (std::uint64_t k = 0; k < 200; ++k) {
    const auto sized = augmented(points, {}, odd, spec, random_stream(7, random_purpose::augment, k));
    EXPECT_EQ(sized[1].y, 50);
    near = std::min(near, sized[1].x - 50.0);
    far = std::max(far, sized[1].x - 50.0);
  }
  EXPECT_NEAR(near, 32.0, 1.0);
  EXPECT_NEAR(far, 48.0, 1.0);
}

TEST(EventAugment, SpeedScalesTimesFromTheOrigin) {
  event_augment_spec spec;
  spec.speed = 0.25;
  const list two{{0, 1, 1, true}, {60000, 2, 2, true}};
  std::int64_t shortest = 1000000, longest = 0;
  for (std::uint64_t k = 0; k < 300; ++k) {
    const auto got = changed(spec, k, two);
    EXPECT_EQ(got[0].t, 0);
    shortest = std::min(shortest, got[1].t);
    longest = std::max(longest, got[1].t);
  }
  EXPECT_NEAR(static_cast<double>(shortest), 48000, 500);
  EXPECT_NEAR(static_cast<double>(longest), 80000, 1500);
}

TEST(EventAugment, JitterHasItsDeviationAndNoEventComesBeforeTheOrigin) {
  event_augment_spec spec;
  spec.time_jitter = 2.0;
  const list same(4000, {50000, 3, 3, true});
  double sum = 0.0, squares = 0.0;
  for (const auto& e : changed(spec, 1, same)) {
    sum += static_cast<double>(e.t) - 50000.0;
    squares += std::pow(static_cast<double>(e.t) - 50000.0, 2);
  }
  EXPECT_NEAR(sum / 4000, 0.0, 120.0);
  EXPECT_NEAR(std::sqrt(squares / 4000), 2000.0, 100.0);
  for (const auto& e : changed(spec, 1, list(500, {0, 3, 3, true}))) {
    EXPECT_GE(e.t, 0);
  }
}

TEST(EventAugment, DropsLoseUpToTheirShare) {
  const auto kept = [](const event_augment_spec& spec, std::uint64_t k) {
    return static_cast<double>(changed(spec, k).size()) / 2000.0;
  };
  event_augment_spec by_chance, by_time, by_area;
  by_chance.drop = by_time.drop_time = by_area.drop_area = 0.5;
  for (const auto& spec : {by_chance, by_time, by_area}) {
    double sum = 0.0;
    for (std::uint64_t k = 0; k < 100; ++k) {
      EXPECT_GT(kept(spec, k), 0.4);
      sum += kept(spec, k);
    }
    EXPECT_NEAR(sum / 100, 0.75, 0.06);  // on average a quarter is lost
  }
  event_augment_spec everything;
  everything.drop_time = 1.0;
  for (std::uint64_t k = 0; k < 20; ++k) {  // one gap: what is left is before and after it
    const auto got = changed(everything, k);
    std::size_t gaps = 0;
    for (std::size_t i = 1; i < got.size(); ++i) {
      gaps += got[i].t - got[i - 1].t > 1000 ? 1 : 0;
    }
    EXPECT_LE(gaps, 1U);
  }
}

TEST(EventAugment, NoiseComesAtItsRateEverywhere) {
  event_augment_spec spec;
  spec.noise = 20.0;
  double sum = 0.0;
  std::set<int> columns;
  for (std::uint64_t k = 0; k < 100; ++k) {
    const auto noise = changed(spec, k, {});
    for (const auto& e : noise) {
      ASSERT_TRUE(e.x < 20 && e.y < 16 && e.t >= 0 && e.t < 100000);
      columns.insert(e.x);
    }
    sum += static_cast<double>(noise.size());
  }
  EXPECT_NEAR(sum / 100, 320.0, 40.0);  // half of 20 Hz on 320 pixels in 0.1 s
  EXPECT_EQ(columns.size(), 20U);
}

TEST(EventAugment, MixPutsARectangleOfThePartnerIn) {
  event_augment_spec spec;
  spec.mix = 1.0;
  list own, other;
  for (std::uint16_t y = 0; y < 16; ++y) {
    for (std::uint16_t x = 0; x < 20; ++x) {
      own.push_back({1, x, y, true});
      other.push_back({2, x, y, false});
    }
  }
  double share = 0.0;
  for (std::uint64_t k = 0; k < 100; ++k) {
    const auto got = augmented(own, other, frame, spec, random_stream(7, random_purpose::augment, k));
    std::set<std::pair<int, int>> pixels;
    for (const auto& e : got) {
      pixels.emplace(e.x, e.y);
      share += e.on ? 0.0 : 1.0;
    }
    EXPECT_EQ(pixels.size(), 320U);  // each pixel from one of the two
    EXPECT_EQ(got.size(), 320U);
  }
  EXPECT_NEAR(share / 100 / 320, 0.25, 0.05);
}

TEST(EventAugment, PackedRecordingsComeBack) {
  auto all = recording(3);
  all.push_back({-5, 19, 15, true});
  EXPECT_EQ(packed_recording(all).unpacked(), all);
  EXPECT_TRUE(packed_recording(list{}).unpacked().empty());
  EXPECT_THROW(packed_recording(list{{0, 0, 0, true}, {std::int64_t{1} << 31U, 0, 0, true}}), value_error);
}

dataset two_classes() {
  event_augment_spec spec;
  spec.shift = 2.0;
  spec.time_jitter = 1.0;
  spec.mix = 0.5;
  event_step_options steps;
  steps.sensor = sensor;
  steps.bin_us = 10000;
  steps.steps = 10;
  std::vector<packed_recording> recordings;
  dataset data;
  data.channels = 640;
  data.class_names = {"a", "b"};
  for (std::uint64_t k = 0; k < 12; ++k) {
    const auto all = recording(k, 200);
    const auto sample = events_to_steps(all, steps);
    recordings.emplace_back(all);
    for (std::size_t r = 0; r < sample.rows.rows(); ++r) {
      const auto row = sample.rows.row(r);
      data.inputs.spikes.channels.insert(data.inputs.spikes.channels.end(), row.channels.begin(), row.channels.end());
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(k % 2));
    data.maker_numbers.push_back(static_cast<std::uint32_t>(k));
  }
  data.maker = augmenting_maker(std::move(recordings), spec, steps, 5);
  return data;
}

bool same(const dataset& a, const dataset& b) {
  return a.inputs.sample_rows == b.inputs.sample_rows && a.inputs.spikes.row_offsets == b.inputs.spikes.row_offsets &&
         a.inputs.spikes.channels == b.inputs.spikes.channels && a.labels == b.labels;
}

TEST(MadeAnew, IsAFunctionOfSeedAndEpochWhateverTheThreads) {
  const auto data = two_classes();
  thread_pool one(1), four(4);
  const auto first = made_anew(data, 1, 5, one);
  first.validate();
  EXPECT_EQ(first.size(), 12U);
  EXPECT_EQ(first.labels, data.labels);
  EXPECT_TRUE(same(first, made_anew(data, 1, 5, four)));
  EXPECT_FALSE(same(first, made_anew(data, 2, 5, one)));
  EXPECT_FALSE(same(first, data));
  EXPECT_GT(first.inputs.spikes.size(), 1000U);
}

TEST(MadeAnew, ASampleStaysWhatItIsInAnotherSubset) {
  const auto data = two_classes();
  thread_pool pool(1);
  const std::vector<std::uint32_t> picked{3, 4, 7};
  const auto part = subset(data, picked);
  EXPECT_EQ(part.maker_numbers, picked);
  const auto made = made_anew(part, 1, 5, pool);
  ragged_events alone;
  data.maker->append(4, 4, 1, alone);  // the only one of its class, so it is its own partner
  const auto row = made.inputs.sample_rows[1], offset = made.inputs.spikes.row_offsets[row];
  ASSERT_EQ(made.inputs.event_count(1), alone.spikes.size());
  EXPECT_TRUE(std::equal(alone.spikes.channels.begin(), alone.spikes.channels.end(),
                         made.inputs.spikes.channels.begin() + static_cast<std::ptrdiff_t>(offset)));
}

}  // namespace
}  // namespace backspike
