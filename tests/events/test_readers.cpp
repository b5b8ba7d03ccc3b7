// Every format, byte by byte: events written by hand come out as they were meant, and what is odd is counted.

#include <backspike/core/error.hpp>

#include "events/event_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using list = std::vector<camera_event>;

template <class Error>
std::string error_of(const std::string& bytes, const std::string& name, const event_read_options& o = {}) {
  try {
    read_bytes(bytes, name, o);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

std::uint64_t count_in(const std::vector<kind_count>& all, std::string_view kind) {
  for (const auto& c : all) {
    if (c.kind == kind) {
      return c.count;
    }
  }
  return 0;
}

TEST(Bin, ReadsEventsAndOverflows) {
  const auto r = read_bytes(bin_event(3, 4, 1, 100) + bin_event(0, 240, 0, 0) + bin_event(33, 0, 0, 0x7FFFFF), "a.bin");
  EXPECT_EQ(list_of(r), (list{{100, 3, 4, true}, {0x7FFFFF + 8192, 33, 0, false}}));
  EXPECT_EQ(r.report.wraps, 1U);
  EXPECT_EQ(r.report.on, 1U);
  EXPECT_EQ(r.report.off, 1U);
  EXPECT_EQ(r.report.first_us, 100);
  EXPECT_EQ(r.report.last_us, 0x7FFFFF + 8192);
  EXPECT_EQ(r.report.largest_x, 33U);
  EXPECT_FALSE(r.file.sensor.known());
}

TEST(Bin, CountsWhatIsCutOffAndWhatStepsBack) {
  const auto r = read_bytes(bin_event(3, 4, 1, 100) + bin_event(3, 4, 0, 90) + "abc", "a.BS2");
  EXPECT_EQ(r.report.truncated_bytes, 3U);
  EXPECT_EQ(r.report.backwards, 1U);
  EXPECT_EQ(r.report.earliest_us, 90);
  EXPECT_EQ(r.report.latest_us, 100);
  EXPECT_EQ(r.report.oddities(), "1 event steps back in time, 3 bytes cut off at the end");
}

TEST(Bin, EmptyAndSingle) {
  const auto none = read_bytes("", "a.bin");
  EXPECT_EQ(none.report.events, 0U);
  EXPECT_TRUE(none.events.empty());
  EXPECT_EQ(list_of(read_bytes(bin_event(1, 2, 1, 3), "a.bin")), (list{{3, 1, 2, true}}));
}

TEST(Bin, LeavesOutWhatIsOutside) {
  event_read_options o;
  o.sensor = {34, 34};
  const auto bytes = bin_event(33, 33, 1, 1) + bin_event(34, 0, 1, 2) + bin_event(0, 34, 1, 3);
  const auto r = read_bytes(bytes, "a.bin", o);
  EXPECT_EQ(list_of(r), (list{{1, 33, 33, true}}));
  EXPECT_EQ(r.report.outside, 2U);
  o.keep_outside = true;
  EXPECT_EQ(read_bytes(bytes, "a.bin", o).report.events, 3U);
}

TEST(Bs1AndBs3, ReadEvents) {
  EXPECT_EQ(list_of(read_bytes(big(700, 2) + big(1U << 23U | 5, 3), "a.bs1")), (list{{5, 700, 0, true}}));
  const auto r = read_bytes(
      big(0x12F << 12U | 0x345, 3) + big(1, 1) + big(0xABCDEF, 3) + big(0, 3) + big(7, 1) + big(0, 3), "a.bs3");
  EXPECT_EQ(list_of(r), (list{{0xABCDEF, 0x12F, 0x345, true}}));
  EXPECT_EQ(count_in(r.report.invalid, "events of a channel beyond 0 and 1"), 1U);
}

TEST(Evt3, SinglePixels) {
  // High time 2, y 7, low time 5, x 9 ON, x 10 OFF; a new low time; a new high time, after which the low one is 0.
  const auto r = read_bytes(
      evt3_header() + words16({0x8002, 0x0007, 0x6005, 0x2809, 0x200A, 0x6006, 0x2801, 0x8003, 0x2802}), "a.raw");
  EXPECT_EQ(list_of(r), (list{{2 * 4096 + 5, 9, 7, true},
                              {2 * 4096 + 5, 10, 7, false},
                              {2 * 4096 + 6, 1, 7, true},
                              {3 * 4096, 2, 7, true}}));
  EXPECT_EQ(r.file.format, event_format::evt3);
  EXPECT_EQ(r.file.sensor, (sensor_size{640, 480}));
  EXPECT_TRUE(r.report.oddities().empty());
}

TEST(Evt3, VectorsMoveTheirBaseAndEndAtTheSensor) {
  const auto r = read_bytes(
      evt3_header() + words16({0x8000, 0x0001, 0x3800 | 100, 0x4805, 0x5081, 0x3000 | 636, 0x4FFF}), "a.raw");
  EXPECT_EQ(list_of(r), (list{{0, 100, 1, true},
                              {0, 102, 1, true},
                              {0, 111, 1, true},
                              {0, 112, 1, true},
                              {0, 119, 1, true},
                              {0, 636, 1, false},
                              {0, 637, 1, false},
                              {0, 638, 1, false},
                              {0, 639, 1, false}}));
  EXPECT_EQ(r.report.outside, 8U);
}

TEST(Evt3, FollowsTheMakersClock) {
  // Falls by 2048 or more: a new round. By less: a step back.
  const auto r =
      read_bytes(evt3_header() + words16({0x8FFF, 0x0001, 0x2001, 0x87FF, 0x2002, 0x8800, 0x87FE, 0x2003}), "a.raw");
  EXPECT_EQ(
      list_of(r),
      (list{{0xFFF << 12, 1, 1, false}, {(0x1000 + 0x7FF) << 12, 2, 1, false}, {(0x1000 + 0x7FE) << 12, 3, 1, false}}));
  EXPECT_EQ(r.report.wraps, 1U);
  EXPECT_EQ(r.report.backwards, 1U);
  event_read_options o;
  o.clamp_time = true;
  const auto clamped =
      read_bytes(evt3_header() + words16({0x8FFF, 0x0001, 0x2001, 0x87FF, 0x2002, 0x8800, 0x87FE, 0x2003}), "a.raw", o);
  EXPECT_EQ(clamped.report.clamped, 1U);
  EXPECT_EQ(clamped.report.backwards, 0U);
  EXPECT_EQ(clamped.events[2].t, (0x1000 + 0x7FF) << 12);
}

TEST(Evt3, CountsEveryOtherWord) {
  const auto r = read_bytes(evt3_header() +
                                words16({0x2001, 0x8000, 0x0001, 0xA001, 0xA000, 0x7000, 0xE000, 0xF000, 0x1000, 0x9000,
                                         0xB000, 0xC000, 0xD000}) +
                                "x",
                            "a.raw");
  EXPECT_EQ(r.report.events, 0U);
  EXPECT_EQ(count_in(r.report.ignored, "rising triggers"), 1U);
  EXPECT_EQ(count_in(r.report.ignored, "falling triggers"), 1U);
  EXPECT_EQ(count_in(r.report.ignored, "words of other messages"), 3U);
  EXPECT_EQ(count_in(r.report.invalid, "words of a reserved type"), 5U);
  EXPECT_EQ(count_in(r.report.invalid, "words before the first time"), 1U);
  EXPECT_EQ(r.report.truncated_bytes, 1U);
}

/// The rules once more, word by word.
list evt3_reference(const std::vector<unsigned>& words) {
  list events;
  std::int64_t round = 0;
  unsigned high = 0, low = 0, y = 2048, base = 2048, on = 0;
  bool timed = false;
  const auto put = [&](unsigned x, unsigned polarity) {
    if (timed && x < 640 && y < 480) {
      events.push_back(
          {round + high * 4096 + low, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), polarity == 1});
    }
  };
  for (const unsigned w : words) {
    const unsigned type = w >> 12U, value = w & 0xFFFU;
    if (type == 8) {
      round += timed && high >= value + 2048 ? 1 << 24 : 0;
      low = timed && high == value ? low : 0;
      high = value;
      timed = true;
    } else if (type == 0) {
      y = value & 0x7FFU;
    } else if (type == 2) {
      put(value & 0x7FFU, value >> 11U);
    } else if (!timed) {
      continue;
    } else if (type == 6) {
      low = value;
    } else if (type == 3) {
      base = value & 0x7FFU;
      on = value >> 11U;
    } else if (type == 4 || type == 5) {
      for (unsigned i = 0; i < (type == 4 ? 12U : 8U); ++i) {
        if ((value >> i & 1U) != 0) {
          put(base + i, on);
        }
      }
      base = std::min(base + (type == 4 ? 12U : 8U), 2048U);
    }
  }
  return events;
}

TEST(Evt3, AgreesWithTheRulesWordByWord) {
  const unsigned usual[] = {0, 2, 6, 0, 2, 6, 0, 2, 6, 8, 3, 4, 5, 14, 10, 1};
  std::uint32_t state = 1;
  const auto random = [&](std::uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % below;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<unsigned> words;
    unsigned high = random(4096);
    for (std::uint32_t k = random(700); k > 0; --k) {
      const unsigned type = usual[random(16)];
      high = random(9) == 0 ? random(4096) : high;
      words.push_back(type << 12U | (type == 8 ? high : type == 0 ? random(500) : random(4096)));
    }
    const auto r = read_bytes(evt3_header() + words16(words), "a.raw");
    ASSERT_EQ(list_of(r), evt3_reference(words)) << "round " << round;
    event_read_options o;
    o.strict = true;
    if (r.report.oddities().empty()) {
      EXPECT_EQ(list_of(read_bytes(evt3_header() + words16(words), "a.raw", o)), list_of(r));
    }
  }
}

TEST(Evt2, EventsTimesAndRounds) {
  const auto r =
      read_bytes(evt2_header() + evt2_event(1, 1, 1, 1) + evt2_high(0xFFFFFFF) + evt2_event(639, 479, 1, 63) +
                     evt2_high(1) + evt2_event(5, 6, 0, 2) + evt2_event(640, 0, 1, 3) + little(0xAU << 28U, 4),
                 "a.raw");
  EXPECT_EQ(list_of(r), (list{{(std::int64_t{0xFFFFFFF} << 6) + 63, 639, 479, true},
                              {(std::int64_t{1} << 34) + 64 + 2, 5, 6, false}}));
  EXPECT_EQ(r.report.wraps, 1U);
  EXPECT_EQ(r.report.outside, 1U);
  EXPECT_EQ(count_in(r.report.invalid, "events before the first time"), 1U);
  EXPECT_EQ(count_in(r.report.ignored, "falling triggers"), 1U);
}

std::string evt21_word(unsigned type, unsigned low, unsigned x, unsigned y, std::uint32_t mask) {
  return little(
      std::uint64_t{type} << 60U | std::uint64_t{low} << 54U | std::uint64_t{x} << 43U | std::uint64_t{y} << 32U | mask,
      8);
}

TEST(Evt21, MasksAndSwappedHalves) {
  const auto body = little(std::uint64_t{8} << 60U | std::uint64_t{3} << 32U, 8) + evt21_word(1, 5, 32, 9, 0x80000001U);
  const list expected{{3 * 64 + 5, 32, 9, true}, {3 * 64 + 5, 63, 9, true}};
  EXPECT_EQ(list_of(read_bytes(evt21_header() + body, "a.raw")), expected);
  std::string swapped;
  for (std::size_t k = 0; k < body.size(); k += 8) {
    swapped += body.substr(k + 4, 4) + body.substr(k, 4);
  }
  EXPECT_EQ(list_of(read_bytes("% format EVT21;endianness=legacy;height=480;width=640\n" + swapped, "a.raw")),
            expected);
  event_read_options o;
  o.swapped_halves = true;
  EXPECT_EQ(list_of(read_bytes(evt21_header() + swapped, "a.raw", o)), expected);
}

TEST(Dat, BothVersionsAndRounds) {
  const auto r = read_bytes(dat_header() + dat_event(639, 479, 1, 0xFFFFFFF0U) + dat_event(1, 2, 0, 5), "a.dat");
  EXPECT_EQ(list_of(r), (list{{0xFFFFFFF0LL, 639, 479, true}, {(1LL << 32) + 5, 1, 2, false}}));
  EXPECT_EQ(r.report.wraps, 1U);
  const auto old = read_bytes(
      std::string("% Data file\n% Version 1\n\x0c\x08") + little(9, 4) + little(300U | 200U << 9U | 1U << 17U, 4),
      "a.dat");
  EXPECT_EQ(list_of(old), (list{{9, 300, 200, true}}));
}

TEST(Aedat2, Dvs128AndDavis) {
  const auto r = read_bytes(aedat2_header() + big(20U << 8U | 10U << 1U | 1U, 4) + big(0x80000005U, 4) +
                                big(1U << 15U, 4) + big(0x80000006U, 4),
                            "a.aedat");
  EXPECT_EQ(list_of(r), (list{{0x80000005LL, 10, 20, true}}));
  EXPECT_EQ(r.file.sensor, (sensor_size{128, 128}));
  EXPECT_EQ(count_in(r.report.ignored, "special events"), 1U);
  const auto davis =
      read_bytes("#!AER-DAT2.0\r\n# AEChip: DAVIS240C\r\n" + big(30U << 22U | 40U << 12U | 1U << 11U, 4) + big(7, 4) +
                     big(1U << 31U, 4) + big(8, 4) + big(1U << 10U, 4) + big(9, 4),
                 "a.aedat");
  EXPECT_EQ(list_of(davis), (list{{7, 40, 30, true}}));
  EXPECT_EQ(davis.file.sensor, (sensor_size{240, 180}));
  EXPECT_EQ(count_in(davis.report.ignored, "samples of frames and motion"), 1U);
  EXPECT_THAT(error_of<value_error>(aedat2_header() + big(30U << 22U, 4) + big(7, 4), "a.aedat"),
              HasSubstr("dvs128 or davis"));
}

TEST(Aedat2, EventsMayBeginWithTheSignOfAComment) {
  event_read_options o;
  o.layout = aedat2_layout::davis;
  const auto r = read_bytes(aedat2_header() + big(0x23000800U, 4) + big(7, 4), "a.aedat", o);
  EXPECT_EQ(list_of(r), (list{{7, 0, 140, true}}));
}

TEST(Aedat3, PacketsValidityAndOverflow) {
  const auto r = read_bytes(
      aedat3_header() + aedat3_packet(0, 8, 0, 1, 1, little(0, 8)) +
          aedat3_packet(1, 8, 2, 3, 2,
                        aedat3_event(127, 0, 1, 5) + aedat3_event(1, 1, 0, 6, 0) + aedat3_event(2, 127, 0, 7)),
      "a.aedat");
  EXPECT_EQ(list_of(r), (list{{(2LL << 31) + 5, 127, 0, true}, {(2LL << 31) + 7, 2, 127, false}}));
  EXPECT_EQ(count_in(r.report.invalid, "events marked as invalid"), 1U);
  EXPECT_EQ(count_in(r.report.ignored, "packets of special events"), 1U);
  EXPECT_EQ(r.report.truncated_bytes, 0U);
}

TEST(Aedat3, RefusesPacketsThatCannotBe) {
  const auto packet = aedat3_packet(1, 8, 0, 1, 1, aedat3_event(1, 1, 1, 1));
  EXPECT_THAT(error_of<format_error>(aedat3_header() + aedat3_packet(1, 12, 0, 1, 1, packet), "a.aedat"),
              HasSubstr("polarity events of 12 bytes"));
  EXPECT_THAT(error_of<format_error>(aedat3_header() + aedat3_packet(1, 8, 0x80000000U, 1, 1, packet), "a.aedat"),
              HasSubstr("negative overflow"));
  EXPECT_THAT(error_of<format_error>(aedat3_header() + aedat3_packet(1, 8, 0, 1, 2, packet), "a.aedat"),
              HasSubstr("2 of them valid"));
  const auto cut = read_bytes(aedat3_header() + packet.substr(0, packet.size() - 1), "a.aedat");
  EXPECT_EQ(cut.report.truncated_bytes, 7U);
}

TEST(Es, DeltasOverflowsAndRowsFromTheBottom) {
  const auto r = read_bytes(es_header() + "\xff\xff" + little(5U << 1U | 1U, 1) + little(303, 2) + little(0, 2) +
                                "\xfe" + little(1U << 1U, 1) + little(0, 2) + little(239, 2) + "ab",
                            "a.es");
  EXPECT_EQ(list_of(r), (list{{127 + 127 + 5, 303, 239, true}, {260, 0, 0, false}}));
  EXPECT_EQ(count_in(r.report.ignored, "resets of the time"), 1U);
  EXPECT_EQ(r.report.truncated_bytes, 2U);
  EXPECT_THAT(error_of<format_error>(std::string("Event Stream\2\0\0\2", 16) + little(1, 4), "a.es"),
              HasSubstr("type 2"));
}

TEST(Csv, ColumnsByName) {
  EXPECT_EQ(list_of(read_bytes("x,y,polarity,timestamp\n1,2,1,10\n3,4,0,20", "a.csv")),
            (list{{10, 1, 2, true}, {20, 3, 4, false}}));
  event_read_options o;
  o.columns = "t x y p";
  o.time_scale = 1e6;
  EXPECT_EQ(list_of(read_bytes("# geometry 240x180\r\n0.003811000 96 133 0\r\n\r\n1.5 0 0 1\r\n", "a.txt", o)),
            (list{{3811, 96, 133, false}, {1500000, 0, 0, true}}));
}

TEST(Csv, RefusesWhatIsNotSaidOrCannotBe) {
  EXPECT_THAT(error_of<value_error>("1,2,3,4\n", "a.csv"), HasSubstr("columns"));
  EXPECT_THAT(error_of<format_error>("t,x,y,p\n1,2,3\n", "a.csv"), HasSubstr("line 2"));
  EXPECT_THAT(error_of<format_error>("t,x,y,p\n1.5,2,3,1\n", "a.csv"), HasSubstr("time_unit"));
  EXPECT_THAT(error_of<format_error>("t,x,y,p\n1,-2,3,1\n", "a.csv"), HasSubstr("x = -2"));
  EXPECT_THAT(error_of<format_error>("t,x,y,p\n1,2,3,2\n", "a.csv"), HasSubstr("p = 2"));
  EXPECT_THAT(error_of<format_error>("t,x,y\n1,2,3\n", "a.csv"), HasSubstr("t, x, y and p once"));
}

TEST(Npy, StructuresOfTonic) {
  const std::string descr = "[('x', '<i2'), ('y', '<i2'), ('t', '<i8'), ('p', '|b1')]";
  const auto item = [](int x, int y, std::int64_t t, int p) {
    return little(static_cast<unsigned>(x), 2) + little(static_cast<unsigned>(y), 2) +
           little(static_cast<std::uint64_t>(t), 8) + little(static_cast<unsigned>(p), 1);
  };
  EXPECT_EQ(list_of(read_bytes(npy_file(descr, "(2,)", item(1, 2, -5, 1) + item(3, 4, 6, 0)), "a.npy")),
            (list{{-5, 1, 2, true}, {6, 3, 4, false}}));
  const auto cut = read_bytes(npy_file(descr, "(3,)", item(1, 2, 5, 1) + "abc"), "a.npy");
  EXPECT_EQ(cut.report.events, 1U);
  EXPECT_EQ(cut.report.truncated_bytes, 3U);
  EXPECT_EQ(cut.report.invalid_total(), 2U);
  EXPECT_THAT(error_of<format_error>(npy_file(descr, "(1,)", item(-1, 2, 5, 1)), "a.npy"), HasSubstr("x = -1"));
  EXPECT_THAT(error_of<format_error>(npy_file("'|O'", "(1,)", ""), "a.npy"), HasSubstr("a type that is not read"));
}

TEST(Npy, TablesWithNamedColumnsAndOtherTypes) {
  event_read_options o;
  o.columns = "x,y,p,t";
  const std::string row = big(7, 4) + big(8, 4) + big(1, 4) + big(99, 4);
  EXPECT_EQ(list_of(read_bytes(npy_file("'>i4'", "(1, 4)", row), "a.npy", o)), (list{{99, 7, 8, true}}));
  EXPECT_THAT(error_of<value_error>(npy_file("'>i4'", "(1, 4)", row), "a.npy"), HasSubstr("columns"));
}

std::string npz_of_arrays(std::size_t events_of_y = 2, bool checksums = true) {
  const auto shape = "(" + std::to_string(events_of_y) + ",)";
  return zip_file({{"t.npy", npy_file("'<i8'", "(2,)", little(5, 8) + little(6, 8))},
                   {"x.npy", npy_file("'<u2'", "(2,)", little(7, 2) + little(8, 2))},
                   {"y.npy", npy_file("'<i4'", shape, little(9, 4) + little(10, 4))},
                   {"p.npy", npy_file("'|i1'", "(2,)", "\xff\x01")},
                   {"label.npy", npy_file("'<i8'", "()", little(3, 8))},
                   {"sensor_size.npy", npy_file("'<i8'", "(2,)", little(34, 8) + little(30, 8))}},
                  checksums);
}

TEST(Npz, ArraysOfSpikingJelly) {
  const auto r = read_bytes(npz_of_arrays(), "a.npz");
  EXPECT_EQ(list_of(r), (list{{5, 7, 9, false}, {6, 8, 10, true}}));
  EXPECT_EQ(r.file.sensor, (sensor_size{34, 30}));
  EXPECT_EQ(count_in(r.report.ignored, "arrays of other names"), 1U);
}

TEST(Npz, RefusesWhatDoesNotFitTogether) {
  EXPECT_THAT(error_of<format_error>(npz_of_arrays(1), "a.npz"), HasSubstr("1 numbers, t has 2"));
  EXPECT_THAT(error_of<format_error>(npz_of_arrays(3), "a.npz"), HasSubstr("announces more"));
  EXPECT_THAT(error_of<format_error>(npz_of_arrays(2, false), "a.npz"), HasSubstr("checksum"));
  const auto whole = npz_of_arrays();
  for (std::size_t size = 4; size < whole.size(); ++size) {
    EXPECT_THROW(read_bytes(whole.substr(0, size), "a.npz"), format_error) << size;
  }
}

TEST(Strict, NamesThePlace) {
  event_read_options o;
  o.strict = true;
  const auto bytes = bin_event(3, 4, 1, 100) + bin_event(3, 4, 0, 90);
  EXPECT_THAT(error_of<format_error>(bytes, "a.bin", o),
              HasSubstr("a.bin (byte 5, event 1): 1 event steps back in time"));
  EXPECT_THAT(error_of<format_error>(bin_event(3, 4, 1, 100) + "a", "a.bin", o),
              HasSubstr("byte 5, event 1): 1 byte cut off"));
  EXPECT_EQ(read_bytes(bin_event(3, 4, 1, 100), "a.bin", o).report.events, 1U);
}

TEST(Slice, TakesTheBeginningAndNotTheEnd) {
  event_read_options o;
  o.slice = {10, 20};
  const auto r = read_bytes(
      bin_event(1, 1, 1, 9) + bin_event(2, 1, 1, 10) + bin_event(3, 1, 0, 19) + bin_event(4, 1, 1, 20), "a.bin", o);
  EXPECT_EQ(list_of(r), (list{{10, 2, 1, true}, {19, 3, 1, false}}));
  EXPECT_EQ(r.report.sliced, 2U);
  EXPECT_EQ(r.report.on, 1U);
  EXPECT_EQ(r.report.first_us, 10);
  o.slice = {20, 10};
  EXPECT_THAT(error_of<value_error>("", "a.bin", o), HasSubstr("slice"));
}

TEST(Orientation, MirrorsAndInverts) {
  event_read_options o;
  o.mirror_x = o.mirror_y = o.invert_polarity = true;
  EXPECT_THAT(error_of<value_error>(bin_event(1, 1, 1, 9), "a.bin", o), HasSubstr("size"));
  o.sensor = {34, 34};
  const auto r = read_bytes(bin_event(0, 1, 1, 9), "a.bin", o);
  EXPECT_EQ(list_of(r), (list{{9, 33, 32, false}}));
  EXPECT_EQ(r.report.off, 1U);
}

TEST(Formats, ByContentThenByName) {
  EXPECT_EQ(read_bytes(evt2_header(), "a").file.format, event_format::evt2);
  EXPECT_THAT(error_of<format_error>(evt3_header(), "a.bin"), testing::AllOf(HasSubstr("N-MNIST"), HasSubstr("evt3")));
  EXPECT_THAT(error_of<format_error>(evt3_header(), "a.dat"), HasSubstr("it looks like Prophesee RAW, EVT 3.0 (evt3)"));
  EXPECT_THAT(error_of<format_error>("\x89HDF\r\n\x1a\n", "a.raw"), HasSubstr("HDF5"));
  EXPECT_THAT(error_of<format_error>("nothing", "a.raw"), HasSubstr("it begins like no event file that is known"));
  EXPECT_THAT(error_of<format_error>("", "a.raw"), HasSubstr("it is empty"));
  event_read_options o;
  o.format = event_format::evt3;
  EXPECT_EQ(read_bytes(evt3_header(), "a.bin", o).file.format, event_format::evt3);
  EXPECT_THAT(error_of<format_error>(evt2_header(), "a.raw", o), HasSubstr("not Prophesee RAW, EVT 3.0 (evt3)"));
}

TEST(Formats, RefuseHeadersThatContradictThemselves) {
  EXPECT_THAT(error_of<format_error>("% evt 3.0\n% format EVT2;height=480;width=640\n% end\n", "a.raw"),
              HasSubstr("two formats"));
  EXPECT_THAT(error_of<format_error>("% evt 3.0\n% geometry 640x0\n% end\n", "a.raw"),
              HasSubstr("a size of the sensor that cannot be"));
  event_read_options o;
  o.sensor = {1280, 720};
  EXPECT_THAT(error_of<value_error>(evt3_header(), "a.raw", o), HasSubstr("640x480, as the file says"));
}

TEST(Reader, GivesPartsThatMakeTheWhole) {
  std::string bytes;
  for (std::uint32_t k = 0; k < 200000; ++k) {
    bytes += bin_event(k % 34, k / 34 % 34, k % 2, k);
  }
  const auto whole = read_bytes(bytes, "a.bin");
  event_reader reader(bytes_in(bytes), "a.bin");
  event_buffer chunk;
  std::vector<camera_event> all;
  std::size_t parts = 0;
  for (; reader.read_some(chunk); ++parts) {
    all.insert(all.end(), chunk.begin(), chunk.end());
    chunk.clear();
  }
  EXPECT_EQ(all, list_of(whole));
  EXPECT_EQ(all.size(), 200000U);
  EXPECT_GT(parts, 1U);
  EXPECT_EQ(reader.report().events, 200000U);
}

}  // namespace
}  // namespace backspike
