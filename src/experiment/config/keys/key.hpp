#pragma once
// What a key of an experiment is: its name, type, unit, range, choices and meaning, and the member that holds it.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/field.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace backspike::config {

enum class value_type { number, integer, text, toggle, choice, numbers, numbers_or_choice, integers, names };

/// What a key has that is not there: it is not written.
using absent = std::monostate;

/// A value between a file and a member: toggle, integer, number; text and choice (its name); numbers, or one of the
/// last two; integers; names.
using value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>, std::vector<std::int64_t>,
                           std::vector<std::string>, absent>;

struct range {
  double low = -unbounded, high = unbounded;
  bool open_low = false, open_high = false;  // the bound itself is refused

  bool contains(double x) const { return (open_low ? x > low : x >= low) && (open_high ? x < high : x <= high); }
};

constexpr range at_least(double low) { return {low, unbounded}; }
constexpr range above(double low) { return {low, unbounded, true}; }
constexpr range between(double low, double high) { return {low, high}; }
constexpr range below(double low, double high) { return {low, high, false, true}; }  // low <= x < high

struct key_info {
  std::string name;  // within its section
  value_type type = value_type::text;
  std::string unit;  // "" for a pure number
  range limits;      // number, integer, each of the numbers
  std::vector<std::string> choices;
  std::string meaning;
  bool is_path = false;  // of data: text that is made absolute
};

template <class Owner>
struct key : key_info {
  std::function<value(const Owner&)> get;
  std::function<void(Owner&, const value&)> set;  // of a value that was checked against key_info
};

/// The keys of one TOML table; its name is dotted, "" for the outermost.
template <class Owner>
struct section {
  std::string name, meaning;
  std::vector<key<Owner>> keys;
};

template <class Owner>
using key_table = std::vector<section<Owner>>;

template <class Member>
inline constexpr bool may_be_absent = false;
template <class Content>
inline constexpr bool may_be_absent<std::optional<Content>> = true;

template <class Member>
constexpr value_type type_of() {
  if constexpr (may_be_absent<Member>) {
    return type_of<typename Member::value_type>();
  } else if constexpr (std::is_same_v<Member, bool>) {
    return value_type::toggle;
  } else if constexpr (std::is_same_v<Member, std::string>) {
    return value_type::text;
  } else if constexpr (std::is_enum_v<Member>) {
    return value_type::choice;
  } else if constexpr (std::is_same_v<Member, std::vector<double>>) {
    return value_type::numbers;
  } else if constexpr (std::is_same_v<Member, std::vector<std::uint32_t>>) {
    return value_type::integers;
  } else if constexpr (std::is_same_v<Member, std::vector<std::string>>) {
    return value_type::names;
  } else {
    return std::is_integral_v<Member> ? value_type::integer : value_type::number;
  }
}

template <class Member>
value to_value(const Member& member) {
  if constexpr (may_be_absent<Member>) {
    return member ? to_value(*member) : absent{};
  } else if constexpr (std::is_enum_v<Member>) {
    return std::string(name_of(member));
  } else if constexpr (type_of<Member>() == value_type::integers) {
    return std::vector<std::int64_t>(member.begin(), member.end());
  } else if constexpr (type_of<Member>() == value_type::integer) {
    return static_cast<std::int64_t>(member);
  } else {
    return member;
  }
}

template <class Member>
void assign(Member& member, const value& v) {
  if constexpr (may_be_absent<Member>) {
    assign(member.emplace(), v);
  } else if constexpr (type_of<Member>() == value_type::integers) {
    const auto& numbers = std::get<std::vector<std::int64_t>>(v);
    member.assign(numbers.begin(), numbers.end());
  } else if constexpr (std::is_enum_v<Member>) {
    member = parse_name<Member>(std::get<std::string>(v)).value();
  } else if constexpr (type_of<Member>() == value_type::integer) {
    member = static_cast<Member>(std::get<std::int64_t>(v));
  } else {
    member = std::get<Member>(v);
  }
}

template <class Member>
std::vector<std::string> choices_of() {
  if constexpr (may_be_absent<Member>) {
    return choices_of<typename Member::value_type>();
  }
  std::vector<std::string> names;
  if constexpr (std::is_enum_v<Member>) {
    for (const auto& entry : enum_names<Member>) {
      names.emplace_back(entry.name);
    }
  }
  return names;
}

/// A row of the key table. Type and choices are those of the member.
template <class Owner, class Member>
key<Owner> row(std::string name, Member Owner::*member, std::string unit, range limits, std::string meaning) {
  return {{std::move(name), type_of<Member>(), std::move(unit), limits, choices_of<Member>(), std::move(meaning)},
          [member](const Owner& owner) { return to_value(owner.*member); },
          [member](Owner& owner, const value& v) { assign(owner.*member, v); }};
}

template <class Owner, class Member>
key<Owner> row(std::string name, Member Owner::*member, std::string meaning) {
  return row(std::move(name), member, "", range{}, std::move(meaning));
}

/// A path of data.
template <class Owner>
key<Owner> path_row(std::string name, std::string Owner::*member, std::string meaning) {
  auto path = row(std::move(name), member, std::move(meaning));
  path.is_path = true;
  return path;
}

/// The keys of a part as keys of the whole that holds it.
template <class Whole, class Part>
std::vector<key<Whole>> within(Part Whole::*part, const std::vector<key<Part>>& keys) {
  std::vector<key<Whole>> all;
  for (const auto& k : keys) {
    all.push_back({static_cast<const key_info&>(k),
                   [part, get = k.get](const Whole& whole) { return get(whole.*part); },
                   [part, set = k.set](Whole& whole, const value& v) { set(whole.*part, v); }});
  }
  return all;
}

/// The keys of a part that something is, as keys of the whole.
template <class Whole, class Part>
void append_own(std::vector<key<Whole>>& all, const std::vector<key<Part>>& keys) {
  for (const auto& k : keys) {
    all.push_back({static_cast<const key_info&>(k), k.get, k.set});
  }
}

}  // namespace backspike::config
