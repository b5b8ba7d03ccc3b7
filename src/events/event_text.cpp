// Parses times with units, and sizes.

#include <backspike/events/event_text.hpp>

#include <backspike/core/error.hpp>

#include "events/formats/columns.hpp"
#include "events/raw_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace backspike {
namespace {

struct unit_name {
  std::string_view name;
  double us;
};
constexpr std::array units{unit_name{"us", 1.0}, unit_name{"ms", 1e3}, unit_name{"s", 1e6}, unit_name{"ns", 1e-3}};

std::optional<double> unit_from(std::string_view text) {
  const auto found = std::find_if(units.begin(), units.end(), [&](const unit_name& u) { return u.name == text; });
  return found == units.end() ? std::nullopt : std::optional(found->us);
}

}  // namespace

std::int64_t parse_time(const std::string& text, const std::string& argument) {
  double value = 0.0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto unit = unit_from(std::string_view(text).substr(static_cast<std::size_t>(result.ptr - text.data())));
  const auto time = result.ec == std::errc() && unit && std::isfinite(value) ? scaled_time(value, *unit) : std::nullopt;
  if (!time) {
    throw value_error("events", argument, text, "a time with its unit: 300ms, 1.5s, 20us");
  }
  return *time;
}

time_slice parse_slice(const std::string& text, const std::string& argument) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    throw value_error("events", argument, text, "BEGIN:END, such as 0ms:300ms; either may be left out");
  }
  time_slice slice;
  const auto begin = text.substr(0, colon), end = text.substr(colon + 1);
  slice.begin = begin.empty() ? slice.begin : parse_time(begin, argument);
  slice.end = end.empty() ? slice.end : parse_time(end, argument);
  if (slice.begin > slice.end) {
    throw value_error("events", argument, text, "a beginning that is not after the end");
  }
  return slice;
}

sensor_size parse_sensor_size(const std::string& text, const std::string& argument) {
  const auto size = size_from(text);
  if (!size) {
    throw value_error("events", argument, text, "WIDTHxHEIGHT, such as 640x480, each from 1 to 65535");
  }
  return *size;
}

double parse_time_unit(const std::string& text, const std::string& argument) {
  const auto unit = unit_from(text);
  if (!unit) {
    throw value_error("events", argument, text, "us, ms, s or ns");
  }
  return *unit;
}

}  // namespace backspike
