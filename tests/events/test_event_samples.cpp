// Recordings become samples: filters, steps, shape, and what is said of odd files.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/events/event_filters.hpp>
#include <backspike/events/event_samples.hpp>

#include "events/event_bytes.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class EventSamples : public testing::Test {
 protected:
  EventSamples() {
    make_folders(folder_.at("0"));
    spec_.events.width = 8;
    spec_.events.height = 6;
    spec_.bin_ms = 1.0;
  }

  void write(const std::string& name, const std::string& bytes) { write_text_file(folder_.at("0/" + name), bytes); }

  dataset read() {
    const auto listing = list_class_folders(folder_.path().string());
    return read_event_samples(listing, preparation_of(spec_, listing.files));
  }

  template <class Error>
  std::string refusal() {
    try {
      read();
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  temporary_folder folder_;
  data_spec spec_;
};

TEST_F(EventSamples, HaveTheShapeOfTheSensorAfterCroppingAndBlocks) {
  write("a.bin", bin_event(5, 3, 1, 500) + bin_event(0, 0, 1, 700) + bin_event(4, 2, 0, 2500));
  spec_.events.crop = {4, 2, 4, 2};
  spec_.events.down = 2;
  const auto data = read();
  data.validate();
  EXPECT_THAT(data.shape, ElementsAre(2, 1, 2));
  EXPECT_EQ(data.channels, 4U);
  EXPECT_EQ(data.inputs.length(0), 3U);
  EXPECT_THAT(data.inputs.spikes.channels, ElementsAre(1, 0));
}

TEST_F(EventSamples, ADurationGivesEveryRecordingAsManySteps) {
  write("a.bin", bin_event(5, 3, 1, 500));
  write("b.bin", bin_event(5, 3, 1, 500) + bin_event(5, 3, 1, 900) + bin_event(5, 3, 1, 9000));
  spec_.bin_ms = 0.1;
  spec_.duration_ms = 0.9;
  spec_.duplicates = duplicate_events::count;
  const auto data = read();
  EXPECT_EQ(data.inputs.length(0), 9U);
  EXPECT_EQ(data.inputs.length(1), 9U);
  EXPECT_EQ(data.inputs.spikes.size(), 2U);
  EXPECT_DOUBLE_EQ(data.dt, 0.1);
}

TEST_F(EventSamples, StepsByNumber) {
  write("a.bin", bin_event(1, 1, 1, 0) + bin_event(2, 1, 1, 50000) + bin_event(3, 1, 1, 60000));
  spec_.events.step_by = step_rule::number;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("data.events.events_per_step = 0 (accepted: 1 or more"));
  spec_.events.events_per_step = 2;
  const auto data = read();
  EXPECT_EQ(data.inputs.length(0), 2U);
  EXPECT_EQ(data.inputs.spikes.row(0).channels.size(), 2U);
  spec_.events.step_by = step_rule::time;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("accepted: 0 with step_by = \"time\""));
}

TEST_F(EventSamples, FiltersComeBeforeSteps) {
  std::string bytes;
  for (std::uint32_t k = 0; k < 20; ++k) {
    bytes += bin_event(1, 1, 1, 100 * k);
  }
  write("a.bin", bytes + bin_event(6, 4, 0, 2000));
  spec_.duplicates = duplicate_events::count;
  spec_.duration_ms = 3.0;
  EXPECT_EQ(read().merged_events, 18U);
  spec_.events.refractory_ms = 1.0;
  EXPECT_EQ(read().merged_events, 0U);
  EXPECT_EQ(read().inputs.spikes.size(), 3U);
  spec_.events.hot_pixel_rate = 1000.0;
  EXPECT_EQ(read().inputs.spikes.size(), 1U);
  spec_.events.hot_pixel_rate = 0.0;
  spec_.events.denoise_ms = 10.0;
  EXPECT_EQ(read().inputs.spikes.size(), 0U);
}

TEST_F(EventSamples, NobodyKnowsTheSensor) {
  write("a.bin", bin_event(5, 3, 1, 500));
  spec_.events.width = spec_.events.height = 0;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("0/a.bin: data.events.width, height = 0, 0 (accepted: the width"));
  spec_.events.width = 8;
  EXPECT_THAT(refusal<value_error>(), HasSubstr("8, 0 (accepted: both, or both 0"));
  spec_.events.height = 6;
  spec_.events.crop = {1, 2};
  EXPECT_THAT(refusal<value_error>(), HasSubstr("data.events.crop = 2 numbers (accepted: 4"));
}

TEST_F(EventSamples, OddFilesAreSaidOrRefused) {
  write("a.bin", bin_event(5, 3, 1, 500));
  write("b.bin", bin_event(5, 3, 1, 900) + bin_event(5, 3, 1, 500));
  write("c.bin", "");
  const auto notes = read().notes;
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_THAT(notes[0], HasSubstr("not everything is in order in 1 of 3 recordings (the first is "));
  EXPECT_THAT(notes[0], HasSubstr("b.bin: 1 event"));
  EXPECT_THAT(notes[1], HasSubstr("1 of 3 recordings have no events, the first is "));
  spec_.events.strict = true;
  EXPECT_THAT(refusal<format_error>(), HasSubstr("b.bin"));
  write("b.bin", bin_event(5, 3, 1, 900));
  EXPECT_THAT(refusal<format_error>(), HasSubstr("c.bin: has no events"));
}

TEST(Filters, Denoise) {
  using list = std::vector<camera_event>;
  const list all{{0, 1, 1, true},  {5, 2, 2, false}, {5, 2, 2, true},
                 {16, 0, 0, true}, {17, 3, 2, true}, {3, 3, 1, true}};
  const auto kept = without_isolated_events(all, {4, 3}, 10);
  EXPECT_EQ((list{kept.begin(), kept.end()}), (list{{5, 2, 2, false}, {5, 2, 2, true}}));
  EXPECT_EQ(without_isolated_events(all, {4, 3}, 12).size(), 3U);
  EXPECT_THROW(without_isolated_events(all, {2, 2}, 10), value_error);
  EXPECT_THROW(without_isolated_events(all, {4, 3}, -1), value_error);
}

}  // namespace
}  // namespace backspike
