#pragma once
// What was found while events were read. Nothing in a file is mended silently: what is odd is counted here, and refused
// where the caller asks for that.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace backspike {

struct kind_count {
  std::string_view kind;
  std::uint64_t count = 0;
};

struct event_report {
  // Of what was delivered:
  std::uint64_t events = 0, on = 0, off = 0;
  std::int64_t first_us = 0, last_us = 0;       // of the first and the last event; 0 if there is none
  std::int64_t earliest_us = 0, latest_us = 0;  // others than these where times step back
  std::uint32_t largest_x = 0, largest_y = 0;
  // Of the file:
  std::uint64_t backwards = 0;        // events that are earlier than the one before them
  std::uint64_t outside = 0;          // left out: their pixel is not on the sensor
  std::uint64_t sliced = 0;           // left out: not in the span of time that was asked for
  std::uint64_t clamped = 0;          // given the time of the event before, as was asked for
  std::uint64_t truncated_bytes = 0;  // at the end, less than a whole word, event or packet
  std::uint64_t wraps = 0;            // of the file's clock, which was continued
  std::vector<kind_count> ignored;    // what is in order and no event: triggers, frames, ...
  std::vector<kind_count> invalid;    // what is not in order: reserved words, events marked as invalid, ...

  std::uint64_t& ignored_of(std::string_view kind);
  std::uint64_t& invalid_of(std::string_view kind);
  std::uint64_t invalid_total() const;
  /// What is odd, in words: "3 events step back in time, 2 bytes at the end are cut off"; empty if nothing is.
  std::string oddities() const;
};

}  // namespace backspike
