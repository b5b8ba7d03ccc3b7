#pragma once
// The time of EVT 2.0 and 2.1: 28 upper bits in words of their own, 6 lower ones in each event; 34 bits are 4.8 hours.

#include <backspike/events/event_report.hpp>

#include <cstdint>

namespace backspike {

struct evt_time {
  std::int64_t base = 0;  // rounds and upper bits
  bool known = false;

  /// A new round where the upper bits fall by more than half of their range.
  void set_high(std::uint32_t high, event_report& report) {
    constexpr std::uint32_t half = 1U << 27U;
    if (known && last > high && last - high > half) {
      rounds += std::int64_t{1} << 34U;
      ++report.wraps;
    }
    last = high;
    known = true;
    base = rounds + (std::int64_t{high} << 6U);
  }

  std::int64_t rounds = 0;
  std::uint32_t last = 0;
};

}  // namespace backspike
