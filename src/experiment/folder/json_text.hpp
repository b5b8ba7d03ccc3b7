#pragma once
// JSON on its way in and out. What is read was perhaps written by others: its depth is bounded before it is parsed
// (nlohmann's values call themselves for every level when they are copied or written), and a number must fit where it
// goes. What is written is UTF-8 whatever names it holds, where nlohmann would throw.

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace backspike {

inline constexpr std::size_t deepest_json = 32;

/// Lists and objects within each other.
std::size_t depth_of_json(std::string_view text);

/// Throws nlohmann::json::exception, as nlohmann's own parse does.
template <class Json = nlohmann::json>
Json parse_json(std::string_view text) {
  if (depth_of_json(text) > deepest_json) {
    throw nlohmann::json::other_error::create(
        500, "more than " + std::to_string(deepest_json) + " lists or objects within each other", nullptr);
  }
  return Json::parse(text);
}

/// A number that the type holds exactly, or for a floating-point type null, which JSON has in NaN's place. Throws
/// nlohmann::json::exception for everything else, where nlohmann's own get would convert in silence.
template <class Number, class Json>
Number number_in(const Json& value) {
  if constexpr (std::is_floating_point_v<Number>) {
    return value.is_null() ? std::numeric_limits<Number>::quiet_NaN() : value.template get<Number>();
  } else {
    const bool fits = value.is_number_unsigned()
                          ? std::in_range<Number>(value.template get<std::uint64_t>())
                          : value.is_number_integer() && std::in_range<Number>(value.template get<std::int64_t>());
    if (!fits) {
      throw nlohmann::json::other_error::create(501, "a number that is not whole or out of range", nullptr);
    }
    return value.template get<Number>();
  }
}

template <class Number, class Json>
std::vector<Number> numbers_in(const Json& list) {
  if (!list.is_array()) {
    throw nlohmann::json::other_error::create(502, "a list of numbers is expected", nullptr);
  }
  std::vector<Number> numbers;
  numbers.reserve(list.size());
  for (const auto& value : list) {
    numbers.push_back(number_in<Number>(value));
  }
  return numbers;
}

/// For files.
template <class Json>
std::string json_text(const Json& value, int indent = -1) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// In ASCII, for terminals and pages: every other character is escaped.
template <class Json>
std::string json_ascii(const Json& value) {
  return value.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace backspike
