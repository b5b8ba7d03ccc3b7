#pragma once
// How the values of an enum are spelled, in files, messages and reports. Each enum has its spellings where it is
// declared: a new value is one line there.

#include <array>
#include <optional>
#include <string_view>

namespace backspike {

template <class Enum>
struct enum_name {
  Enum value;
  std::string_view name;
};

/// Every value of Enum with its spelling; empty for an enum that has none.
template <class Enum>
inline constexpr std::array<enum_name<Enum>, 0> enum_names{};

/// The spellings of a list whose rows have a `kind` and a `name`.
template <class Row, std::size_t Count>
constexpr auto names_in(const std::array<Row, Count>& list) {
  std::array<enum_name<decltype(Row::kind)>, Count> names{};
  for (std::size_t i = 0; i < Count; ++i) {
    names[i] = {list[i].kind, list[i].name};
  }
  return names;
}

/// The spelling of a value; empty for a number that is no value of Enum.
template <class Enum>
constexpr std::string_view name_of(Enum value) {
  static_assert(!enum_names<Enum>.empty(), "an enum without spellings: add them to enum_names");
  for (const auto& entry : enum_names<Enum>) {
    if (entry.value == value) {
      return entry.name;
    }
  }
  return {};
}

/// The value spelled `name`, if there is one.
template <class Enum>
constexpr std::optional<Enum> parse_name(std::string_view name) {
  static_assert(!enum_names<Enum>.empty(), "an enum without spellings: add them to enum_names");
  for (const auto& entry : enum_names<Enum>) {
    if (entry.name == name) {
      return entry.value;
    }
  }
  return std::nullopt;
}

}  // namespace backspike
