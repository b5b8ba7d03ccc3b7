// Events that come while they are read: through pipes and ports, in pieces that end anywhere, late, or not at all.

#include <backspike/core/error.hpp>

#include "events/aedat4/aedat4_bytes.hpp"
#include "events/event_bytes.hpp"
#include "temporary_folder.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

namespace backspike {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using list = std::vector<camera_event>;

class LiveEvents : public testing::Test {
 protected:
  LiveEvents() {
    ::mkfifo(pipe().c_str(), 0600);
    ::signal(SIGPIPE, SIG_IGN);  // of senders whose reader has given up
  }
  ~LiveEvents() override {
    if (sender_.joinable()) {
      sender_.join();
    }
  }

  std::string pipe() const { return folder_.at("pipe"); }

  /// Sends these pieces, with a short rest after each, and closes the pipe.
  void send(const std::vector<std::string>& pieces, int rest_ms = 2) {
    sender_ = std::thread([this, pieces, rest_ms] {
      const int file = ::open(pipe().c_str(), O_WRONLY);
      for (const auto& piece : pieces) {
        if (::write(file, piece.data(), piece.size()) < 0) {
          break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(rest_ms));
      }
      ::close(file);
    });
  }

  static list rest_of(event_reader& reader) {
    list all;
    event_buffer chunk;
    while (reader.read_some(chunk)) {
      all.insert(all.end(), chunk.begin(), chunk.end());
      chunk.clear();
    }
    return all;
  }

  template <class Error>
  std::string refusal(const live_events& from, const event_read_options& o = {}) const {
    try {
      event_reader reader(from, o);
      rest_of(reader);
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing was thrown";
  }

  temporary_folder folder_;
  std::thread sender_;
};

std::vector<std::string> pieces_of(const std::string& bytes, std::size_t size) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    pieces.push_back(bytes.substr(at, size));
  }
  return pieces;
}

/// The same recording in every format that can be read while it comes; their headers come whole.
TEST_F(LiveEvents, PiecesThatEndAnywhereMakeTheWhole) {
  const std::string csv = "1,2,3,1\n2,3,4,0\n300,5,6,1\n";
  const auto packets = aedat4_packet(0, packed_as(aedat4_events({{1, 2, 3, true}, {5, 6, 7, false}}), 1));
  const struct {
    std::string head, events;
    event_read_options options;
  } streams[] = {
      {evt3_header(), words16({0x8002, 0x0007, 0x6005, 0x2809, 0x200A, 0x6006, 0x2801, 0x8003, 0x2802}), {}},
      {evt2_header(), evt2_high(1) + evt2_event(1, 2, 1, 3) + evt2_event(4, 5, 0, 6), {}},
      {dat_header(), dat_event(1, 2, 1, 3) + dat_event(4, 5, 0, 6), {}},
      {aedat3_header(), aedat3_packet(1, 8, 0, 2, 2, aedat3_event(1, 2, 1, 3) + aedat3_event(4, 5, 0, 6)), {}},
      {aedat4_header(usual_description(), 1), packets + packets, {}},
      {es_header(), "\xff" + little(3, 1) + little(3, 2) + little(4, 2) + "\xff", {}},
      {"t,x,y,p\n", csv,
       [] {
         event_read_options o;
         o.format = event_format::csv;
         return o;
       }()},
  };
  for (const auto& s : streams) {
    const auto expected = read_bytes(s.head + s.events, "a", s.options);
    EXPECT_GT(expected.report.events, 0U);
    auto pieces = pieces_of(s.events, 3);
    pieces.insert(pieces.begin(), s.head);
    send(pieces, 1);
    event_reader reader(live_events{pipe(), 5.0}, s.options);
    EXPECT_EQ(rest_of(reader), list_of(expected)) << name_of(expected.file.format);
    EXPECT_EQ(reader.report().oddities(), expected.report.oddities());
    EXPECT_EQ(reader.file().sensor, expected.file.sensor);
    sender_.join();
  }
}

TEST_F(LiveEvents, WhatIsThereIsGivenBeforeMoreComes) {
  send({evt2_header() + evt2_high(1) + evt2_event(1, 2, 1, 3), evt2_event(4, 5, 0, 6)}, 300);
  event_reader reader(live_events{pipe(), 5.0});
  event_buffer chunk;
  ASSERT_TRUE(reader.read_some(chunk));
  EXPECT_EQ(chunk.size(), 1U);
  ASSERT_TRUE(reader.read_some(chunk));
  EXPECT_EQ(chunk.size(), 2U);
  EXPECT_FALSE(reader.read_some(chunk));
}

TEST_F(LiveEvents, ASenderThatFallsSilentIsNamed) {
  send({evt2_header() + evt2_high(1) + evt2_event(1, 2, 1, 3), evt2_event(1, 2, 1, 4)}, 500);
  EXPECT_THAT(refusal<file_error>({pipe(), 0.25}), AllOf(HasSubstr(pipe()), HasSubstr("nothing came for 0.25 s")));
}

TEST_F(LiveEvents, NobodySendsAtAll) {
  EXPECT_THAT(refusal<file_error>({pipe(), 0.1}), HasSubstr("nothing came for 0.1 s"));
}

TEST_F(LiveEvents, NonsenseEndsWithAnErrorOfThePlace) {
  send({"nothing that is an event file, and more of it than a line could have: 0123456789"});
  EXPECT_THAT(refusal<format_error>({pipe(), 1.0}), AllOf(HasSubstr(pipe()), HasSubstr("it looks like text")));
}

TEST_F(LiveEvents, ACutEndIsCounted) {
  send({evt2_header() + evt2_high(1) + evt2_event(1, 2, 1, 3) + "ab"});
  event_reader reader(live_events{pipe(), 1.0});
  EXPECT_EQ(rest_of(reader).size(), 1U);
  EXPECT_EQ(reader.report().truncated_bytes, 2U);
}

TEST_F(LiveEvents, RefusesWhatCannotBeLive) {
  send({zip_file({{"t.npy", npy_file("'<i8'", "(1,)", little(5, 8))}})});
  EXPECT_THAT(refusal<value_error>({pipe(), 1.0}), HasSubstr("before its end has come"));
  EXPECT_THAT(refusal<value_error>({"udp:cat", 1.0}), HasSubstr("udp:PORT"));
  EXPECT_THAT(refusal<value_error>({"udp:0", 1.0}), HasSubstr("1 to 65535"));
  EXPECT_THAT(refusal<value_error>({"-", 0.0}), HasSubstr("timeout"));
  EXPECT_THAT(refusal<file_error>({folder_.at("missing"), 1.0}), HasSubstr("cannot be opened"));
  EXPECT_THAT(refusal<file_error>({folder_.path().string(), 1.0}), HasSubstr("it is no pipe"));
}

/// A port that nobody has at the moment.
std::uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(probe);
  return ntohs(address.sin_port);
}

TEST_F(LiveEvents, DatagramsAndAnEmptyOneAtTheEnd) {
  const auto port = free_port();
  sender_ = std::thread([port] {
    const int out = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto put = [&](const std::string& bytes) {
      ::sendto(out, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    };
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until somebody listens
    put(evt2_header());
    put(evt2_high(1) + evt2_event(1, 2, 1, 3));
    put(evt2_event(4, 5, 0, 6));
    put("");
    ::close(out);
  });
  event_reader reader(live_events{"udp:" + std::to_string(port), 5.0});
  EXPECT_EQ(rest_of(reader), (list{{64 + 3, 1, 2, true}, {64 + 6, 4, 5, false}}));
  EXPECT_THAT(refusal<file_error>({"udp:" + std::to_string(port), 1.0}), HasSubstr("the port cannot be had"));
}

}  // namespace
}  // namespace backspike
