// The values of a sweep, from the text of --over.

#include <backspike/core/error.hpp>
#include <backspike/experiment/sweep.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace backspike {
namespace {

constexpr std::size_t most_values = 1000;  // of a range

[[noreturn]] void refuse(const std::string& argument, const std::string& value, const std::string& accepted) {
  throw value_error("sweep", argument, value.empty() ? "nothing" : value, accepted);
}

template <class Number>
std::optional<Number> number_of(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// Parts between separators that stand in no brackets and no quotes: a value may be a TOML array or table.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0') {
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == separator && depth == 0) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  return parts;
}

/// The shortest text of the number rounded to so many significant digits.
std::string rounded(double value, int digits) {
  return fmt::format("{}", *number_of<double>(fmt::format("{:.{}e}", value, digits - 1)));
}

struct value_range {
  double low = 0, high = 0;
  bool logarithmic = false;
  std::size_t count = 0;
};

std::string number_at(const value_range& r, const std::vector<std::string>& parts, std::size_t i) {
  if (i == 0 || i + 1 == r.count) {
    return trimmed(parts[i == 0 ? 0 : 1]);  // as it was typed
  }
  const double share = static_cast<double>(i) / static_cast<double>(r.count - 1);
  return r.logarithmic
             ? rounded(std::copysign(std::pow(std::abs(r.low), 1 - share) * std::pow(std::abs(r.high), share), r.low),
                       4)
             : rounded(r.low + (r.high - r.low) * share, 12);
}

void check_range(const std::string& key, const std::string& item, const value_range& r) {
  if (!std::isfinite(r.low) || !std::isfinite(r.high) || r.low == r.high) {
    refuse(key, item, "a range with two different, finite ends");
  }
  if (r.count < 2 || r.count > most_values) {
    refuse(key, item, fmt::format("a range of 2 to {} numbers", most_values));
  }
  if (r.logarithmic && !(r.low * r.high > 0)) {
    refuse(key, item, "a logarithmic range with ends above 0, or both below it; 0 is a value to list beside it");
  }
}

/// Whether the item was meant as a range: numbers and colons.
bool looks_like_range(const std::vector<std::string>& parts) {
  return parts.size() > 1 && number_of<double>(trimmed(parts[0])).has_value();
}

value_range range_of(const std::string& key, const std::string& item, const std::vector<std::string>& parts) {
  static const std::string form = "a value, LOW:HIGH:linN or LOW:HIGH:logN, for example 1e-6:1e-2:log8";
  if (parts.size() != 3) {
    refuse(key, item, form);
  }
  const auto low = number_of<double>(trimmed(parts[0])), high = number_of<double>(trimmed(parts[1]));
  const auto kind = trimmed(parts[2]);
  const auto count = number_of<std::size_t>(kind.substr(std::min<std::size_t>(3, kind.size())));
  if (!low || !high || !count || (!kind.starts_with("lin") && !kind.starts_with("log"))) {
    refuse(key, item, form);
  }
  return {*low, *high, kind.starts_with("log"), *count};
}

void append_item(sweep_axis& axis, const std::string& item) {
  const auto parts = split(item, ':');
  if (item.empty()) {
    refuse(axis.key, item, "at least one value, and one between two commas");
  }
  if (!looks_like_range(parts)) {
    axis.values.push_back(item);
    return;
  }
  const auto r = range_of(axis.key, item, parts);
  check_range(axis.key, item, r);
  for (std::size_t i = 0; i < r.count; ++i) {
    axis.values.push_back(number_at(r, parts, i));
  }
}

}  // namespace

sweep_axis parse_axis(const std::string& text) {
  const auto equals = text.find('=');
  sweep_axis axis{trimmed(text.substr(0, equals)), {}};
  if (equals == std::string::npos || axis.key.empty()) {
    refuse("--over", text, "KEY=VALUES, for example objective.rate_penalty=0,1e-6:1e-2:log8");
  }
  for (const auto& item : split(text.substr(equals + 1), ',')) {
    append_item(axis, trimmed(item));
  }
  auto sorted = axis.values;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) {
    refuse(axis.key, *twice + " twice", "each value once");
  }
  return axis;
}

}  // namespace backspike
