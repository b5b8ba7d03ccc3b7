// Names of columns, and the ranges of what stands in them.

#include "events/formats/columns.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace backspike {
namespace {

struct alias {
  std::string_view name;
  std::size_t column;
};
constexpr alias aliases[] = {{"t", 0}, {"ts", 0}, {"time", 0}, {"timestamp", 0}, {"x", 1},
                             {"y", 2}, {"p", 3},  {"pol", 3},  {"polarity", 3},  {"on", 3}};

std::string refusal(std::string_view name, std::int64_t value, std::string_view accepted) {
  return std::string(name) + " = " + std::to_string(value) + " (accepted: " + std::string(accepted) + ")";
}

bool is_coordinate(std::int64_t value) { return value >= 0 && value <= 65535; }

}  // namespace

std::optional<std::size_t> column_of(std::string_view name) {
  std::string small(name);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& a : aliases) {
    if (a.name == small) {
      return a.column;
    }
  }
  return std::nullopt;
}

std::optional<event_columns> columns_from(std::string_view names) {
  event_columns columns;
  std::array<int, 4> seen{};
  while (!names.empty()) {
    const auto begin = names.find_first_not_of(", \t;\r\n\"");
    if (begin == std::string_view::npos) {
      break;
    }
    names.remove_prefix(begin);
    const auto name = names.substr(0, names.find_first_of(", \t;\r\n\""));
    if (const auto column = column_of(name)) {
      columns.at[*column] = columns.count;
      ++seen[*column];
    }
    ++columns.count;
    names.remove_prefix(name.size());
  }
  const bool once = std::all_of(seen.begin(), seen.end(), [](int n) { return n == 1; });
  return once ? std::optional(columns) : std::nullopt;
}

std::optional<std::int64_t> scaled_time(double time, double scale) {
  const double scaled = std::round(time * scale);
  constexpr double most = 9.2e18;
  return std::abs(scaled) < most ? std::optional(static_cast<std::int64_t>(scaled)) : std::nullopt;
}

std::string make_event(std::int64_t t, std::int64_t x, std::int64_t y, std::int64_t p, camera_event& event) {
  if (!is_coordinate(x) || !is_coordinate(y)) {
    return is_coordinate(x) ? refusal("y", y, "0 to 65535") : refusal("x", x, "0 to 65535");
  }
  if (p != 0 && p != 1 && p != -1) {
    return refusal("p", p, "0 or -1 for OFF, 1 for ON");
  }
  event = {t, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y), p == 1};
  return "";
}

}  // namespace backspike
