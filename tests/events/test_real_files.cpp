// Recordings of real cameras, where they are: sums that others measured.

#include <backspike/events/event_reader.hpp>

#include "paths.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace backspike {
namespace {

struct sums {
  std::int64_t t = 0, x = 0, y = 0;
};

sums sums_of(const event_recording& r) {
  sums s;
  for (const auto& e : r.events) {
    s.t += e.t;
    s.x += e.x;
    s.y += e.y;
  }
  return s;
}

std::string file_or_skip(const std::string& name) {
  const auto path = shared_data() + "/" + name;
  return std::filesystem::exists(path) ? path : "";
}

TEST(RealFiles, Evt3With1280Columns) {
  const auto path = file_or_skip("events/evt3_1280x720_trigger.raw");
  if (path.empty()) {
    GTEST_SKIP() << "no recording at " << shared_data() << "/events";
  }
  const auto r = read_events(path);
  const auto s = sums_of(r);
  EXPECT_EQ(r.report.events, 82469U);
  EXPECT_EQ(r.report.on, 41439U);
  EXPECT_EQ(s.t, 1222326831810);
  EXPECT_EQ(s.x, 42078718);
  EXPECT_EQ(s.y, 31656267);
  EXPECT_EQ(r.file.sensor, (sensor_size{1280, 720}));
  EXPECT_TRUE(r.report.oddities().empty());
}

TEST(RealFiles, Evt3With640Columns) {
  const auto path = file_or_skip("events/evt3_640x480.raw");
  if (path.empty()) {
    GTEST_SKIP() << "no recording at " << shared_data() << "/events";
  }
  const auto r = read_events(path);
  EXPECT_EQ(r.report.off, 218291U);
  EXPECT_EQ(r.report.on, 125183U);
  EXPECT_EQ(sums_of(r).t, 2851601611994);  // 33999437880 less than with the times of the triggers
  ASSERT_EQ(r.report.ignored.front().kind, "rising triggers");
  EXPECT_EQ(r.report.ignored.front().count, 2079U);
}

TEST(RealFiles, SmallNmnist) {
  const auto folder = file_or_skip("nmnist_small");
  if (folder.empty()) {
    GTEST_SKIP() << "no recordings at " << shared_data() << "/nmnist_small";
  }
  std::uint64_t events = 0, odd = 0;
  event_read_options o;
  o.sensor = {34, 34};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".bs2") {
      const auto report = read_events(entry.path().string(), o).report;
      events += report.events;
      odd += report.oddities().empty() ? 0 : 1;
    }
  }
  EXPECT_EQ(events, 4518827U);
  EXPECT_EQ(odd, 0U);
}

}  // namespace
}  // namespace backspike
