#pragma once
// The one door through which the program writes to its terminal. Names of classes, speakers, layers and files come from
// others, and a terminal obeys what it is sent: every text that is put into a message is made printable first
// (core/text.hpp), whatever it holds.

#include <backspike/core/text.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace backspike::app {

/// A text of several lines, such as a table: its line ends and tabs stay.
struct lines {
  std::string_view text;
};

template <class T>
auto safe(const T& value) {
  if constexpr (std::is_same_v<T, lines>) {
    return printable_lines(value.text);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return printable(std::string_view(value));
  } else {
    return value;
  }
}

template <class... Args>
std::string safe_format(fmt::format_string<Args...> format, const Args&... args) {
  const auto values = std::make_tuple(safe(args)...);
  return std::apply(
      [&](const auto&... each) { return fmt::vformat(fmt::string_view(format), fmt::make_format_args(each...)); },
      values);
}

/// As it is: for what the program itself composed of safe parts.
void write(std::FILE* to, const std::string& text);

/// JSON on one line, of ASCII only: making it printable changes nothing, so that it stays JSON whatever names it holds.
template <class Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

/// To standard output.
template <class... Args>
void print(fmt::format_string<Args...> format, const Args&... args) {
  write(stdout, safe_format<Args...>(format, args...));
}

/// To standard error.
template <class... Args>
void complain(fmt::format_string<Args...> format, const Args&... args) {
  write(stderr, safe_format<Args...>(format, args...));
}

}  // namespace backspike::app

template <>
struct fmt::formatter<backspike::app::lines> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const backspike::app::lines& value, Context& context) const {
    return fmt::formatter<std::string_view>::format(value.text, context);
  }
};
