// Images seen by a simulated camera as a data set; and the task in which only the order of events tells the class.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/load.hpp>
#include <backspike/events/event_camera.hpp>
#include <backspike/events/event_steps.hpp>

#include "io/idx_files.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t train_images = 12, test_images = 4;

void write_images(const std::string& folder, const std::string& part, std::uint32_t count, std::uint64_t seed) {
  std::string labels;
  for (std::uint32_t k = 0; k < count; ++k) {
    labels += static_cast<char>(k % 2);
  }
  write_text_file(folder + "/" + part + "-images-idx3-ubyte",
                  idx_file({count, 12, 10}, random_pixels(count * 120, seed)));
  write_text_file(folder + "/" + part + "-labels-idx1-ubyte", idx_file({count}, labels));
}

class LoadEventCamera : public testing::Test {
 protected:
  LoadEventCamera() {
    write_images(folder_.path().string(), "train", train_images, 1);
    write_images(folder_.path().string(), "t10k", test_images, 2);
    spec_.source = data_source::event_camera;
    spec_.path = folder_.path().string();
    spec_.validation = 0.0;
    spec_.events.width = 20;
    spec_.events.height = 16;
    spec_.event_camera.noise_rate = 2.0;
  }

  temporary_folder folder_;
  data_spec spec_;
};

TEST_F(LoadEventCamera, MakesStepsOfWhatTheCameraRecords) {
  spec_.duplicates = duplicate_events::count;
  const auto data = load_data(spec_, 7);
  EXPECT_EQ(data.train.size(), train_images);
  EXPECT_EQ(data.test.size(), test_images);
  EXPECT_THAT(data.train.shape, ElementsAre(2U, 16U, 20U));
  EXPECT_EQ(data.train.dt, 10.0);
  EXPECT_EQ(data.train.inputs.length(3), 30U);
  data.train.validate();

  auto camera_spec = spec_.event_camera;
  camera_spec.width = 20;
  camera_spec.height = 16;
  const auto pixels = random_pixels(train_images * 120, 1);
  std::vector<float> values;
  for (std::size_t k = 0; k < 120; ++k) {
    values.push_back(static_cast<float>(static_cast<unsigned char>(pixels[3 * 120 + k])) / 255.0f);
  }
  event_step_options steps;
  steps.sensor = {20, 16};
  steps.bin_us = 10000;
  steps.duplicates = duplicate_events::count;
  const auto recorded = event_camera(camera_spec, 7).record({10, 12, values}, 3);
  const auto expected = events_to_steps(recorded.events(), steps);
  ASSERT_GT(expected.rows.size(), 500U);
  for (std::size_t r = 0; r < expected.rows.rows(); ++r) {
    const auto row = data.train.inputs.spikes.row(data.train.inputs.sample_rows[3] + r), wanted = expected.rows.row(r);
    EXPECT_TRUE(std::ranges::equal(row.channels, wanted.channels));
    EXPECT_TRUE(std::ranges::equal(row.values, wanted.values));
  }
  EXPECT_GT(data.train.merged_events, 0U);
}

TEST_F(LoadEventCamera, GivesTheSameOnAnyThreadsAndForAWholeFolder) {
  const auto data = load_data(spec_, 7);
  for (const std::size_t threads : {1U, 3U}) {
    const thread_limit limit(threads);
    const auto again = load_data(spec_, 7);
    EXPECT_EQ(again.train.inputs.spikes.channels, data.train.inputs.spikes.channels);
    EXPECT_EQ(again.test.inputs.spikes.row_offsets, data.test.inputs.spikes.row_offsets);
  }
  const auto whole = load_whole(spec_, {data.train.channels, 10.0, data.train.class_names}, 7);
  EXPECT_EQ(whole.size(), train_images + test_images);
  EXPECT_TRUE(
      std::ranges::equal(data.test.inputs.spikes.channels,
                         std::span(whole.inputs.spikes.channels).last(data.test.inputs.spikes.channels.size())));
  EXPECT_NE(load_data(spec_, 8).train.inputs.spikes.channels, data.train.inputs.spikes.channels);
}

TEST_F(LoadEventCamera, TakesTheSettingsOfSteps) {
  spec_.events.down = 2;
  spec_.events.polarity = polarity_channels::merged;
  spec_.bin_ms = 50.0;
  spec_.duration_ms = 200.0;
  const auto data = load_data(spec_, 1);
  EXPECT_THAT(data.train.shape, ElementsAre(1U, 8U, 10U));
  EXPECT_EQ(data.train.inputs.length(0), 4U);
}

TEST_F(LoadEventCamera, RefusesSettingsByName) {
  spec_.event_camera.black = 2.0;
  EXPECT_THROW(load_data(spec_, 1), value_error);
  spec_.event_camera.black = 0.2;
  spec_.events.height = 0;
  EXPECT_THROW(load_data(spec_, 1), value_error);
}

data_spec direction_spec(std::uint32_t train, std::uint32_t test) {
  data_spec spec;
  spec.source = data_source::saccade_direction;
  spec.events.width = spec.events.height = 20;
  spec.saccade_direction.train_samples = train;
  spec.saccade_direction.validation_samples = 0;
  spec.saccade_direction.test_samples = test;
  return spec;
}

/// Events of each channel from step `begin` on and before `end`.
std::vector<double> counts_of(const dataset& data, std::size_t sample, std::size_t begin, std::size_t end) {
  std::vector<double> counts(data.channels);
  for (std::size_t t = begin; t < end; ++t) {
    for (const auto c : data.inputs.spikes.row(data.inputs.sample_rows[sample] + t).channels) {
      counts[c] += 1.0;
    }
  }
  return counts;
}

struct place {
  double x = 0.0, y = 0.0;
};

/// The middle of the events of a polarity (0: OFF, 1: ON).
place middle_of(const std::vector<double>& counts, std::size_t polarity) {
  place sum;
  double all = 0.0;
  for (std::size_t c = polarity; c < counts.size(); c += 2) {
    sum.x += counts[c] * static_cast<double>(c / 2 % 20);
    sum.y += counts[c] * static_cast<double>(c / 2 / 20);
    all += counts[c];
  }
  return {sum.x / all, sum.y / all};
}

TEST(LoadSaccadeDirection, BeginsInTheDirectionOfItsClass) {
  const auto data = load_data(direction_spec(300, 1), 1).train;
  ASSERT_EQ(data.classes(), 6U);
  EXPECT_EQ(data.class_names[1], "up right");
  EXPECT_EQ(data.inputs.length(0), 30U);
  int right = 0;
  for (std::size_t s = 0; s < data.size(); ++s) {
    const auto first = counts_of(data, s, 0, 10);
    const auto on = middle_of(first, 1), off = middle_of(first, 0);  // bright blobs: ON in front, OFF behind
    const double angle = std::atan2(off.y - on.y, on.x - off.x) * 180.0 / std::numbers::pi;
    right += std::abs(std::remainder(angle - 60.0 * data.labels[s], 360.0)) < 30.0 ? 1 : 0;
  }
  EXPECT_GT(right, 270);
}

TEST(LoadSaccadeDirection, NumbersOfEventsDoNotTellTheClass) {
  const auto data = load_data(direction_spec(1200, 600), 1);
  std::vector<std::vector<double>> mean(6, std::vector<double>(data.train.channels));
  std::array<double, 6> on{}, off{};
  for (std::size_t s = 0; s < data.train.size(); ++s) {
    const auto counts = counts_of(data.train, s, 0, 30);
    const auto label = static_cast<std::size_t>(data.train.labels[s]);
    for (std::size_t c = 0; c < counts.size(); ++c) {
      mean[label][c] += counts[c] / 200.0;
      (c % 2 == 0 ? off : on)[label] += counts[c] / 200.0;
    }
  }
  for (const auto& totals : {on, off}) {
    const auto [least, most] = std::ranges::minmax(totals);
    EXPECT_GT(least, 300.0);
    EXPECT_LT(most / least, 1.12);  // 200 samples with other blobs each
  }
  int right = 0;  // the nearest mean
  for (std::size_t s = 0; s < data.test.size(); ++s) {
    const auto counts = counts_of(data.test, s, 0, 30);
    std::array<double, 6> distance{};
    for (std::size_t k = 0; k < 6; ++k) {
      for (std::size_t c = 0; c < counts.size(); ++c) {
        distance[k] += (counts[c] - mean[k][c]) * (counts[c] - mean[k][c]);
      }
    }
    right += std::ranges::min_element(distance) - distance.begin() == data.test.labels[s] ? 1 : 0;
  }
  EXPECT_LT(right, 140);  // 100 by chance, with a deviation of 9
}

TEST(LoadSaccadeDirection, RefusesOtherMotion) {
  auto spec = direction_spec(6, 6);
  spec.event_camera.motion = picture_motion::straight;
  try {
    load_data(spec, 1);
    FAIL() << "nothing was thrown";
  } catch (const value_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("data.event_camera.motion = straight (accepted: saccades)"));
  }
}

}  // namespace
}  // namespace backspike
