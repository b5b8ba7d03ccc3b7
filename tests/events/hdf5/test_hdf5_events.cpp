// Events in HDF5: every layout, slices through a list of places, and files that reach beyond what they may.

#include <backspike/core/error.hpp>

#include "events/event_bytes.hpp"
#include "events/hdf5/event_hdf5_files.hpp"
#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using list = std::vector<camera_event>;

/// One event a 100 us, over all pixels of 640x480.
list made(std::size_t count) {
  list events;
  for (std::size_t k = 0; k < count; ++k) {
    events.push_back({static_cast<std::int64_t>(100 * k), static_cast<std::uint16_t>(k * 7 % 640),
                      static_cast<std::uint16_t>(k * 11 % 480), k % 3 == 0});
  }
  return events;
}

class Hdf5Events : public testing::Test {
 protected:
  std::string path() const { return folder_.at("a.h5"); }

  template <class Error = format_error>
  std::string refusal(const event_read_options& o = {}) const {
    try {
      read_events(path(), o);
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  /// DSEC's layout, with a list of places that is right or moved by some events.
  void make_dsec(const list& events, std::int64_t offset, std::int64_t moved = 0, const chunked& how = {}) const {
    std::vector<std::uint16_t> x, y;
    std::vector<std::uint8_t> p;
    std::vector<std::uint32_t> t;
    std::vector<std::uint64_t> places;
    for (const auto& e : events) {
      while (static_cast<std::int64_t>(places.size()) * 1000 <= e.t) {
        places.push_back(t.size() + static_cast<std::uint64_t>(places.empty() ? 0 : moved));
      }
      x.push_back(e.x), y.push_back(e.y), p.push_back(e.on ? 1 : 0), t.push_back(static_cast<std::uint32_t>(e.t));
    }
    const event_hdf5 file(path());
    file.group("events");
    file.list("events/x", H5T_NATIVE_UINT16, x, how);
    file.list("events/y", H5T_NATIVE_UINT16, y, how);
    file.list("events/p", H5T_NATIVE_UINT8, p, how);
    file.list("events/t", H5T_NATIVE_UINT32, t, how);
    file.list("ms_to_idx", H5T_NATIVE_UINT64, places);
    file.number("t_offset", offset);
  }

  temporary_folder folder_;
};

list later(list events, std::int64_t by) {
  for (auto& e : events) {
    e.t += by;
  }
  return events;
}

TEST_F(Hdf5Events, LayoutOfDsec) {
  const auto events = made(50000);
  make_dsec(events, 5000000, 0, {1000, H5Z_FILTER_DEFLATE});
  const auto all = read_events(path());
  EXPECT_EQ(list_of(all), later(events, 5000000));
  EXPECT_EQ(all.file.format, event_format::hdf5);
  EXPECT_THAT(all.file.details, HasSubstr("DSEC"));
  EXPECT_FALSE(all.file.sensor.known());
  EXPECT_EQ(all.report.oddities(), "");
}

TEST_F(Hdf5Events, SlicesByThePlacesOfMilliseconds) {
  const auto events = made(50000);
  for (const std::int64_t offset : {0, 70000}) {
    make_dsec(events, offset);
    for (const auto& [begin, end] :
         {std::pair{1234567, 1300000}, {0, 100}, {-5000, 10000}, {4999000, 9000000}, {6000000, 7000000}, {150, 150}}) {
      event_read_options o;
      o.slice = {begin + offset, end + offset};
      const auto part = read_events(path(), o);
      list expected;
      for (const auto& e : later(events, offset)) {
        if (e.t >= o.slice.begin && e.t < o.slice.end) {
          expected.push_back(e);
        }
      }
      EXPECT_EQ(list_of(part), expected) << begin;
      EXPECT_EQ(part.report.sliced, events.size() - expected.size());
      EXPECT_EQ(part.report.oddities(), "");
    }
  }
}

TEST_F(Hdf5Events, PlacesThatAreWrongAreCountedAndNotUsed) {
  const auto events = made(5000);
  event_read_options o;
  o.slice = {100000, 200000};
  for (const std::int64_t moved : {-3, 3, 100000}) {
    make_dsec(events, 0, moved);
    const auto part = read_events(path(), o);
    EXPECT_EQ(part.report.events, 1000U) << moved;
    EXPECT_EQ(part.report.invalid_total(), 1U) << moved;
    EXPECT_THAT(part.report.oddities(), HasSubstr("ms_to_idx"));
  }
}

TEST_F(Hdf5Events, LayoutOfProphesee) {
  const auto events = made(3000);
  {
    const event_hdf5 file(path());
    file.group("CD");
    file.structures("CD/events", events, {512, H5Z_FILTER_DEFLATE});
    file.text("geometry", "640x480");
  }
  const auto all = read_events(path());
  EXPECT_EQ(list_of(all), events);
  EXPECT_EQ(all.file.sensor, (sensor_size{640, 480}));
  EXPECT_THAT(all.file.details, HasSubstr("Prophesee"));
}

TEST_F(Hdf5Events, CacheOfTonicPackedWithLzf) {
  const auto events = made(1000);
  {
    const event_hdf5 file(path());
    file.group("data");
    file.structures("data/0", events, {64, lzf_filter});
    file.group("target");
    file.number("target/0", 7);
  }
  EXPECT_EQ(list_of(read_events(path())), events);
}

TEST_F(Hdf5Events, ListsOfSecondsAtTheRoot) {
  {
    const event_hdf5 file(path());
    file.list("ts", H5T_NATIVE_DOUBLE, std::vector<double>{0.5, 1.25});
    file.list("xs", H5T_NATIVE_INT64, std::vector<std::int64_t>{3, 4});
    file.list("ys", H5T_NATIVE_INT64, std::vector<std::int64_t>{5, 6});
    file.list("ps", H5T_NATIVE_INT8, std::vector<std::int8_t>{-1, 1});
  }
  EXPECT_THAT(refusal(), AllOf(HasSubstr("event 0"), HasSubstr("time_unit")));
  event_read_options o;
  o.time_scale = 1e6;
  EXPECT_EQ(list_of(read_events(path(), o)), (list{{500000, 3, 5, false}, {1250000, 4, 6, true}}));
}

TEST_F(Hdf5Events, ComeInPartsAndAreCheckedLikeAnyOther) {
  auto events = made(200000);
  events[150000].t = 5;
  make_dsec(made(2), 0);
  {
    const event_hdf5 file(path());
    file.structures("recording", events, {1000, 0});
  }
  event_reader reader(path());
  event_buffer chunk;
  list all;
  std::size_t parts = 0;
  for (; reader.read_some(chunk); ++parts) {
    all.insert(all.end(), chunk.begin(), chunk.end());
    chunk.clear();
  }
  EXPECT_EQ(all, events);
  EXPECT_GT(parts, 2U);
  EXPECT_EQ(reader.report().backwards, 1U);
  event_read_options o;
  o.strict = true;
  EXPECT_THAT(refusal(o), AllOf(HasSubstr("event 150000"), HasSubstr("steps back")));
}

TEST_F(Hdf5Events, AReaderThatIsLeftHalfWayEndsItsChild) {
  make_dsec(made(100000), 0);
  event_buffer chunk;
  event_reader reader(path());
  EXPECT_TRUE(reader.read_some(chunk));
}

TEST_F(Hdf5Events, RefusesWhatIsNoEvents) {
  const auto with = [&](const std::function<void(const event_hdf5&)>& fill) {
    fill(event_hdf5(path()));
    return refusal();
  };
  const auto one = std::vector<std::int64_t>{1};
  EXPECT_THAT(with([](const event_hdf5&) {}), HasSubstr("holds nothing"));
  EXPECT_THAT(with([&](const event_hdf5& f) { f.list("spikes", H5T_NATIVE_INT64, one); }),
              AllOf(HasSubstr("not a list of structures"), HasSubstr("CD/events")));
  const auto lists = [&](const event_hdf5& f, const std::vector<std::int64_t>& x, const std::vector<std::int64_t>& p) {
    f.list("x", H5T_NATIVE_INT64, x), f.list("y", H5T_NATIVE_INT64, one), f.list("t", H5T_NATIVE_INT64, one);
    f.list("p", H5T_NATIVE_INT64, p);
  };
  EXPECT_THAT(with([&](const event_hdf5& f) { lists(f, {1, 2}, one); }), HasSubstr("2 numbers, t has 1"));
  EXPECT_THAT(with([&](const event_hdf5& f) { lists(f, {-1}, one); }), HasSubstr("x = -1"));
  EXPECT_THAT(with([&](const event_hdf5& f) { lists(f, one, {2}); }), HasSubstr("p = 2"));
  EXPECT_THAT(with([&](const event_hdf5& f) {
                lists(f, one, one);
                f.number("t_offset", std::numeric_limits<std::int64_t>::max());
              }),
              HasSubstr("beyond 64 bits"));
}

TEST_F(Hdf5Events, RefusesFiltersOfPluginsByName) {
  for (const auto& [number, name] : {std::pair{32001, "Blosc"}, {0x8ECF, "ECF, of Prophesee"}}) {
    {
      const event_hdf5 file(path());
      file.group("CD");
      file.structures("CD/events", made(100), {50, number});
    }
    EXPECT_THAT(refusal(), AllOf(HasSubstr(name), HasSubstr("h5repack"), HasSubstr("CD/events")));
  }
}

TEST_F(Hdf5Events, RefusesLinksAndBytesInMemory) {
  make_dsec(made(10), 0);
  std::filesystem::rename(path(), folder_.at("other.h5"));
  {
    const event_hdf5 file(path());
    H5Lcreate_external(folder_.at("other.h5").c_str(), "/events", file.id(), "events", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_THAT(refusal(), HasSubstr("an external link"));
  std::ifstream in(folder_.at("other.h5"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_THROW(read_bytes(bytes, "a.h5"), value_error);
}

TEST_F(Hdf5Events, DamageIsAnErrorOrAnEventAndNothingElse) {
  make_dsec(made(300), 0, 0, {64, H5Z_FILTER_DEFLATE});
  std::ifstream in(path(), std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::size_t refused = 0;
  for (std::size_t at = 8; at < whole.size(); at += whole.size() / 40) {
    auto damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    std::ofstream(path(), std::ios::binary) << (at % 3 == 0 ? damaged.substr(0, at) : damaged);
    try {
      read_events(path());
    } catch (const user_error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 10U);
}

TEST_F(Hdf5Events, HostileFilesOfOtherLayouts) {
  const auto folder = std::filesystem::path(shared_data()) / ".." / "hostile";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no hostile files at " << folder;
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".h5") {
      EXPECT_THROW(read_events(entry.path().string()), user_error) << entry.path();
    }
  }
}

}  // namespace
}  // namespace backspike
