#pragma once
// A clock of 32 bits [us], which begins again after 71 minutes.

#include <backspike/events/event_report.hpp>

#include <cstdint>

namespace backspike {

class clock32 {
 public:
  /// A new round where the time falls by more than half of the range.
  std::int64_t time(std::uint32_t now, event_report& report) {
    constexpr std::uint32_t half = 1U << 31U;
    if (last_ > now && last_ - now > half) {
      rounds_ += std::int64_t{1} << 32U;
      ++report.wraps;
    }
    last_ = now;
    return rounds_ + now;
  }

 private:
  std::int64_t rounds_ = 0;
  std::uint32_t last_ = 0;
};

}  // namespace backspike
