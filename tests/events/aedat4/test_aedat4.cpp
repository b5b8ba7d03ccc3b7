// AEDAT 4: every compression, several streams, the table at the end, and packets that cannot be.

#include <backspike/core/error.hpp>

#include "events/aedat4/aedat4_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using list = std::vector<camera_event>;

template <class Error>
std::string error_of(const std::string& bytes, const event_read_options& o = {}) {
  try {
    read_bytes(bytes, "a.aedat4", o);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}

list made(std::int64_t from, std::size_t count) {
  list events;
  for (std::size_t k = 0; k < count; ++k) {
    events.push_back({from + static_cast<std::int64_t>(3 * k), static_cast<std::uint16_t>(k * 7 % 346),
                      static_cast<std::uint16_t>(k * 11 % 260), k % 3 == 0});
  }
  return events;
}

std::uint64_t count_in(const std::vector<kind_count>& all, std::string_view kind) {
  for (const auto& c : all) {
    if (c.kind == kind) {
      return c.count;
    }
  }
  return 0;
}

TEST(Aedat4, EveryCompression) {
  constexpr std::int64_t start = 1700000000000000;
  const auto first = made(start, 5000), second = made(start + 20000, 40000);
  auto all = first;
  all.insert(all.end(), second.begin(), second.end());
  for (const int compression : {0, 1, 2, 3, 4}) {
    const auto r = read_bytes(aedat4_header(usual_description(), compression) +
                                  aedat4_packet(0, packed_as(aedat4_events(first), compression)) +
                                  aedat4_packet(1, packed_as("a frame", compression)) +
                                  aedat4_packet(0, packed_as(aedat4_events({}), compression)) +
                                  aedat4_packet(0, packed_as(aedat4_events(second), compression)),
                              "a.aedat4");
    EXPECT_EQ(list_of(r), all) << compression;
    EXPECT_EQ(r.file.format, event_format::aedat4);
    EXPECT_EQ(r.file.sensor, (sensor_size{346, 260}));
    EXPECT_EQ(r.file.details, "stream 0, DVXplorer_1");
    EXPECT_EQ(count_in(r.report.ignored, "packets of frames"), 1U);
    EXPECT_EQ(r.report.oddities(), "");
  }
}

TEST(Aedat4, StopsAtTheTableOfPackets) {
  const auto packet = aedat4_packet(0, packed_as(aedat4_events(made(5, 3)), 1));
  const auto head = aedat4_header(usual_description(), 1).size();
  const auto bytes = aedat4_header(usual_description(), 1, static_cast<std::int64_t>(head + packet.size())) + packet;
  const auto r = read_bytes(bytes + "a table that is no packet", "a.aedat4");
  EXPECT_EQ(list_of(r), made(5, 3));
  EXPECT_EQ(r.report.truncated_bytes, 0U);
}

TEST(Aedat4, TakesTheFirstStreamOfEventsAndCountsTheOther) {
  const auto description = aedat4_description(aedat4_stream_text(2, "EVTS") + aedat4_stream_text(5, "EVTS"));
  const auto r = read_bytes(aedat4_header(description, 0) + aedat4_packet(5, aedat4_events(made(0, 2))) +
                                aedat4_packet(2, aedat4_events(made(9, 2))),
                            "a.aedat4");
  EXPECT_EQ(list_of(r), made(9, 2));
  EXPECT_EQ(count_in(r.report.ignored, "packets of another stream of events"), 1U);
}

TEST(Aedat4, WithoutADescriptionPacketsSayWhatTheyAre) {
  const auto r = read_bytes(aedat4_header("", 1) + aedat4_packet(3, packed_as(aedat4_events(made(0, 2)), 1)) +
                                aedat4_packet(4, packed_as(aedat4_events(made(0, 2), "FRME"), 1)),
                            "a.aedat4");
  EXPECT_EQ(list_of(r), made(0, 2));
  EXPECT_FALSE(r.file.sensor.known());
  EXPECT_EQ(count_in(r.report.ignored, "packets of other types"), 1U);
}

TEST(Aedat4, CountsWhatIsCutOffOutsideAndBackwards) {
  const auto packet = aedat4_packet(0, aedat4_events({{50, 346, 0, true}, {40, 1, 1, true}}));
  const auto r = read_bytes(aedat4_header(usual_description(), 0) + packet + packet.substr(0, 20), "a.aedat4");
  EXPECT_EQ(r.report.outside, 1U);
  EXPECT_EQ(r.report.backwards, 1U);
  EXPECT_EQ(r.report.truncated_bytes, 12U);
  event_read_options o;
  o.strict = true;
  EXPECT_THAT(error_of<format_error>(aedat4_header(usual_description(), 0) + packet, o), HasSubstr("event 0"));
  EXPECT_EQ(read_bytes(aedat4_header(usual_description(), 0) + packet + "abc", "a.aedat4").report.truncated_bytes, 3U);
}

TEST(Aedat4, RefusesPacketsThatCannotBe) {
  const auto with = [](int compression, const std::string& packed) {
    return error_of<format_error>(aedat4_header(usual_description(), compression) + aedat4_packet(0, packed));
  };
  const auto whole = packed_as(aedat4_events(made(0, 100)), 1);
  EXPECT_THAT(with(1, whole.substr(0, whole.size() / 2)), HasSubstr("cut off"));
  EXPECT_THAT(with(1, whole + "x"), HasSubstr("behind its frame of LZ4"));
  EXPECT_THAT(with(3, whole), HasSubstr("no frame of Zstandard"));
  EXPECT_THAT(with(1, "nothing of the kind"), HasSubstr("no frame of LZ4"));
  EXPECT_THAT(with(1, ""), HasSubstr("cut off"));
  EXPECT_THAT(with(0, aedat4_events(made(0, 2), "FRME")), HasSubstr("none of events (EVTS)"));
  auto claims = aedat4_events(made(0, 2));
  claims[4 + 24] = 3;  // of two events
  EXPECT_THAT(with(0, claims), HasSubstr("none of events (EVTS)"));
  EXPECT_THAT(error_of<format_error>(aedat4_header(usual_description(), 0) + little(0, 4) + little(1U << 31U, 4)),
              HasSubstr("a packet of 2147483648 bytes"));
}

/// Of Zstandard; LZ4 makes nothing more than 255 times smaller.
TEST(Aedat4, ASmallPacketThatUnpacksToGigabytesIsRefused) {
  const std::string zeros(std::size_t{8} << 20U, '\0');
  EXPECT_THAT(error_of<format_error>(aedat4_header(usual_description(), 3) + aedat4_packet(0, packed_as(zeros, 3))),
              HasSubstr("unpacks to more than"));
}

TEST(Aedat4, RefusesHeadersThatCannotBe) {
  const auto good = aedat4_header(usual_description(), 1);
  for (std::size_t size = 15; size < good.size(); size += 7) {
    EXPECT_THROW(read_bytes(good.substr(0, size), "a.aedat4"), format_error) << size;
  }
  EXPECT_THAT(error_of<format_error>("#!AER-DAT4.0\r\n" + little(0xFFFFFFFFU, 4)), HasSubstr("header is damaged"));
  EXPECT_THAT(error_of<format_error>(aedat4_header(usual_description(), 9)),
              AllOf(HasSubstr("the number 9"), HasSubstr("accepted")));
  EXPECT_THAT(error_of<format_error>("#!AER-DAT4.1\r\n" + good.substr(14)), HasSubstr("version 4.1"));
  EXPECT_THAT(error_of<format_error>(aedat4_header(aedat4_description(aedat4_stream_text(0, "FRME")), 1)),
              HasSubstr("no stream of events"));
}

TEST(Aedat4, DescriptionsOfAnyKindAreWalkedOver) {
  for (const std::string text :
       {"<", "<node", "</node></node>", "<attr key=\"sizeX\">", "<node name=\"outInfo\"><node name=\"x\"><attr key=\"",
        "<node name=\"outInfo\"><node name=\"99999999999\"><attr key=\"typeIdentifier\">EVTS</attr>"}) {
    EXPECT_EQ(
        read_bytes(aedat4_header(text, 0) + aedat4_packet(0, aedat4_events(made(0, 2))), "a.aedat4").report.events, 2U)
        << text;
  }
}

}  // namespace
}  // namespace backspike
