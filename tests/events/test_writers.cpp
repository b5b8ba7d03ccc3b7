// Random recordings come back from every format that is written, and what a format cannot hold is refused by name.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/events/event_writer.hpp>

#include "events/event_bytes.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace backspike {
namespace {

using testing::HasSubstr;

struct written_format {
  event_format format;
  const char* name;
  sensor_size sensor;
  bool says_size;
  std::uint32_t largest_gap;  // [us]
};

void PrintTo(const written_format& f, std::ostream* out) { *out << f.name; }

class Written : public testing::TestWithParam<written_format> {
 protected:
  std::vector<camera_event> random_events(std::uint64_t seed) const {
    random_stream random(seed, random_purpose::test);
    std::vector<camera_event> events(random.below(3000));
    std::int64_t t = random.below(2) == 0 ? 0 : random.below(100000000);
    for (auto& e : events) {
      const auto kind = random.below(100);
      t += kind < 50   ? 0
           : kind < 98 ? random.below(300)
           : kind < 99 ? random.below(20000)
                       : random.below(GetParam().largest_gap);
      const auto y = random.below(GetParam().sensor.height);
      e = {t, static_cast<std::uint16_t>(random.below(GetParam().sensor.width)),
           static_cast<std::uint16_t>(y == 240 && !GetParam().says_size ? 239 : y), random.below(2) == 1};
    }
    return events;
  }

  temporary_folder folder_;
};

TEST_P(Written, ComesBack) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto events = random_events(seed);
    const auto path = folder_.at(GetParam().name);
    write_events(path, GetParam().format, GetParam().sensor, events);
    event_read_options strict;
    strict.strict = seed % 8 == 0;
    const auto read = read_events(path, strict);
    ASSERT_EQ(list_of(read), events) << "seed " << seed;
    EXPECT_EQ(read.file.format, GetParam().format);
    EXPECT_EQ(read.report.oddities(), "");
    if (GetParam().says_size) {
      EXPECT_EQ(read.file.sensor, GetParam().sensor);
    }
  }
}

TEST_P(Written, EmptyAndTheSameBytes) {
  const auto path = folder_.at(GetParam().name);
  write_events(path, GetParam().format, GetParam().sensor, std::span<const camera_event>{});
  EXPECT_EQ(read_events(path).report.events, 0U);
  const auto events = random_events(5);
  const auto content = [&] {
    write_events(path, GetParam().format, GetParam().sensor, events);
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(content(), content());
}

TEST_P(Written, LeavesTheOldFileWhereAnEventIsRefused) {
  const auto path = folder_.at(GetParam().name);
  const std::vector<camera_event> good{{1, 2, 3, true}}, bad{{1, 2, 3, true}, {2, 40000, 3, false}};
  write_events(path, GetParam().format, GetParam().sensor, good);
  if (GetParam().format != event_format::npz) {
    EXPECT_THROW(write_events(path, GetParam().format, GetParam().sensor, bad), value_error);
  }
  EXPECT_EQ(list_of(read_events(path)), good);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
}

INSTANTIATE_TEST_SUITE_P(Every, Written,
                         testing::Values(written_format{event_format::bin, "a.bin", {256, 256}, false, 30000000},
                                         written_format{event_format::bs2, "a.bs2", {34, 34}, false, 3000000},
                                         written_format{event_format::evt2, "a.raw", {640, 480}, true, 2000000000},
                                         written_format{event_format::evt3, "a.raw", {1280, 720}, true, 2000000000},
                                         written_format{event_format::aedat3, "a.aedat", {128, 128}, true, 2000000000},
                                         written_format{event_format::npz, "a.npz", {346, 260}, true, 2000000000}));

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const value_error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

std::string refusal_of_events(event_format format, const std::vector<camera_event>& events) {
  const temporary_folder folder;
  return refusal([&] { write_events(folder.at("a"), format, {256, 256}, events); });
}

TEST(Writer, RefusesWhatAFormatCannotHold) {
  EXPECT_THAT(refusal_of_events(event_format::bin, {{0, 1, 240, true}}), HasSubstr("y of event 0 = 240"));
  EXPECT_THAT(refusal_of_events(event_format::bin, {{0, 256, 0, true}}), HasSubstr("x of event 0 = 256"));
  EXPECT_THAT(refusal_of_events(event_format::bin, {{0, 0, 0, true}, {-1, 0, 0, true}}),
              HasSubstr("t of event 1 = -1"));
  EXPECT_THAT(refusal_of_events(event_format::bin, {{1700000000000000, 0, 0, true}}), HasSubstr("begin at 0"));
  EXPECT_THAT(refusal_of_events(event_format::evt3, {{1700000000000000, 0, 0, true}}), HasSubstr("begin at 0"));
  EXPECT_THAT(refusal_of_events(event_format::evt3, {{20000000, 0, 0, true}, {0, 0, 0, true}}),
              HasSubstr("step back so far"));
  EXPECT_THAT(refusal_of_events(event_format::aedat3, {{-5, 0, 0, true}}), HasSubstr("t of event 0 = -5"));
  EXPECT_THAT(refusal([] { encoder_of(event_format::es, {1, 1}); }), HasSubstr("format = es (accepted: bin, bs2"));
  EXPECT_THAT(refusal([] { encoder_of(event_format::evt2, {}); }), HasSubstr("size = 0x0"));
  EXPECT_THAT(refusal([] { format_for_writing("a.mp4"); }), HasSubstr(".npz"));
  EXPECT_EQ(format_for_writing("A.RAW"), event_format::evt3);
}

TEST(Writer, KeepsSmallStepsBack) {
  const temporary_folder folder;
  const std::vector<camera_event> events{{5000000, 1, 2, true}, {4999990, 3, 4, false}, {5000001, 3, 4, false}};
  for (const auto format : {event_format::evt2, event_format::evt3, event_format::aedat3, event_format::npz}) {
    write_events(folder.at("a"), format, {34, 34}, events);
    const auto read = read_events(folder.at("a"));
    EXPECT_EQ(list_of(read), events) << name_of(format);
    EXPECT_EQ(read.report.backwards, 1U);
  }
}

}  // namespace
}  // namespace backspike
