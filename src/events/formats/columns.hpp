#pragma once
// Tables of events: which column is which, and numbers that become an event only if they can be one.

#include <backspike/events/camera_event.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backspike {

/// Places of t, x, y and p in a row.
struct event_columns {
  std::array<std::size_t, 4> at{};
  std::size_t count = 0;  // in a row
};

constexpr std::array<std::string_view, 4> column_names{"t", "x", "y", "p"};

/// 0 to 3: what a name means, others that are in use included ("timestamp", "polarity"); none: something else.
std::optional<std::size_t> column_of(std::string_view name);

/// The columns of these names; none: one of t, x, y and p is missing or there twice.
std::optional<event_columns> columns_from(std::string_view names);

/// Microseconds from a time in another unit, rounded to the nearest; none: beyond 64 bits.
std::optional<std::int64_t> scaled_time(double time, double scale);

/// Empty and `event` filled, or what cannot be: "x = -3 (accepted: 0 to 65535)".
std::string make_event(std::int64_t t, std::int64_t x, std::int64_t y, std::int64_t p, camera_event& event);

}  // namespace backspike
