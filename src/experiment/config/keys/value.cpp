// Turns TOML values into the type of their key, refuses those out of range, and writes values back as text.

#include "experiment/config/keys/value.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/text.hpp>

#include "experiment/config/spelling.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

namespace backspike::config {
namespace {

/// "1e-04" as "1e-4".
std::string without_padding(const std::string& digits) {
  const auto e = digits.find('e');
  if (e == std::string::npos) {
    return digits;
  }
  const auto first = std::min(digits.find_first_not_of("+-0", e + 1), digits.size() - 1);
  return digits.substr(0, e + 1) + (digits[e + 1] == '-' ? "-" : "") + digits.substr(first);
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  out << toml::toml_formatter{toml::value<std::string>(text), toml::format_flags::allow_unicode_strings};
  return out.str();
}

std::string bound_text(const key_info& k, double x) {
  const bool whole = k.type == value_type::integer || k.type == value_type::integers;
  return whole ? std::to_string(static_cast<std::int64_t>(x)) : number_text(x);
}

std::string unit_text(const key_info& k) { return k.unit.empty() ? "" : " " + k.unit; }

template <class Element>
bool holds(const toml::node& node) {
  return std::is_same_v<Element, double> ? node.is_number() : node.is<Element>();
}

/// A list of such elements, and of nothing else.
template <class Element>
std::optional<value> list_of(const toml::node& node) {
  if (!node.is_array()) {
    return std::nullopt;
  }
  std::vector<Element> elements;
  for (const auto& element : *node.as_array()) {
    if (!holds<Element>(element)) {
      return std::nullopt;
    }
    elements.push_back(element.value<Element>().value());
  }
  return elements;
}

/// A list of names; one name alone is a list, too.
std::optional<value> names_of(const toml::node& node, const place& where) {
  if (node.is_string()) {
    return std::vector<std::string>{node.as_string()->get()};
  }
  if (!node.is_array() && !where.raw_text.empty()) {
    return std::vector<std::string>{where.raw_text};
  }
  return list_of<std::string>(node);
}

/// The node as the type of the key, if it is of that type. A whole number is a number too.
std::optional<value> converted(const key_info& k, const toml::node& node, const place& where) {
  switch (k.type) {
    case value_type::toggle:
      return node.is_boolean() ? std::optional<value>(node.as_boolean()->get()) : std::nullopt;
    case value_type::integer:
      return node.is_integer() ? std::optional<value>(node.as_integer()->get()) : std::nullopt;
    case value_type::number:
      if (node.is_integer()) {
        return static_cast<double>(node.as_integer()->get());
      }
      return node.is_floating_point() ? std::optional<value>(node.as_floating_point()->get()) : std::nullopt;
    case value_type::numbers_or_choice:
      if (!node.is_array()) {
        break;
      }
      [[fallthrough]];
    case value_type::numbers:
      return list_of<double>(node);
    case value_type::integers:
      return list_of<std::int64_t>(node);
    case value_type::names:
      return names_of(node, where);
    case value_type::text:
    case value_type::choice:
      break;
  }
  if (node.is_string()) {
    return node.as_string()->get();
  }
  return where.raw_text.empty() ? std::nullopt : std::optional<value>(where.raw_text);
}

bool is_choice(const key_info& k, const std::string& text) {
  return std::find(k.choices.begin(), k.choices.end(), text) != k.choices.end();
}

bool in_range(const key_info& k, double x) { return std::isfinite(x) && k.limits.contains(x); }

bool in_range(const key_info& k, const value& v) {
  if (const auto* x = std::get_if<double>(&v)) {
    return in_range(k, *x);
  }
  if (const auto* text = std::get_if<std::string>(&v)) {
    return k.type == value_type::text ? !has_control_characters(*text) : is_choice(k, *text);
  }
  if (const auto* list = std::get_if<std::vector<double>>(&v)) {
    return std::ranges::all_of(*list, [&](double x) { return in_range(k, x); });
  }
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&v)) {
    return std::ranges::all_of(*list, [&](std::int64_t n) { return in_range(k, static_cast<double>(n)); });
  }
  if (const auto* names = std::get_if<std::vector<std::string>>(&v)) {
    return std::ranges::none_of(*names, has_control_characters);
  }
  const auto* n = std::get_if<std::int64_t>(&v);
  return n == nullptr || k.limits.contains(static_cast<double>(*n));
}

template <class Element>
std::string list_text(const std::vector<Element>& list) {
  std::string text;
  for (const Element& element : list) {
    text += (text.empty() ? "" : ", ") + toml_text(element);
  }
  return "[" + text + "]";
}

}  // namespace

std::string number_text(double x) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  return without_padding({digits.data(), end});
}

std::string toml_text(const value& v) {
  if (const auto* text = std::get_if<std::string>(&v)) {
    return quoted(*text);
  }
  if (const auto* on = std::get_if<bool>(&v)) {
    return *on ? "true" : "false";
  }
  if (const auto* n = std::get_if<std::int64_t>(&v)) {
    return std::to_string(*n);
  }
  if (const auto* list = std::get_if<std::vector<double>>(&v)) {
    return list_text(*list);
  }
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&v)) {
    return list_text(*list);
  }
  if (const auto* list = std::get_if<std::vector<std::string>>(&v)) {
    return list_text(*list);
  }
  const auto digits = number_text(std::get<double>(v));
  return digits.find_first_of(".en") == std::string::npos ? digits + ".0" : digits;
}

namespace {

std::string range_text(const key_info& k) {
  const auto& r = k.limits;
  const bool low = std::isfinite(r.low), high = std::isfinite(r.high);
  if (low && high) {
    if (r.open_low) {
      return "above " + bound_text(k, r.low) + ", at most " + bound_text(k, r.high);
    }
    return bound_text(k, r.low) + (r.open_high ? " or more, below " : " to ") + bound_text(k, r.high);
  }
  return !low ? "" : r.open_low ? "above " + bound_text(k, r.low) : bound_text(k, r.low) + " or more";
}

}  // namespace

std::string limits_text(const key_info& k) {
  const auto choices = joined(k.choices), range = range_text(k);
  return choices.empty() ? range : range.empty() ? choices : range + "; or " + choices;
}

std::string accepted_text(const key_info& k) {
  const auto limits = range_text(k);
  const auto numeric = (limits.empty() ? "" : ", " + limits) + unit_text(k);
  switch (k.type) {
    case value_type::number:
      return "a number" + numeric;
    case value_type::numbers:
      return "a list of numbers" + numeric;
    case value_type::numbers_or_choice:
      return "a list of numbers" + numeric + "; or " + joined(k.choices);
    case value_type::integer:
      return "an integer" + numeric;
    case value_type::integers:
      return "a list of integers" + numeric;
    case value_type::names:
      return "a list of names in quotes";
    case value_type::toggle:
      return "true or false";
    case value_type::choice:
      return "one of " + joined(k.choices);
    case value_type::text:
      break;
  }
  return "text in quotes";
}

std::string found_text(const toml::node& node) {
  if (node.is_table()) {
    return "a table";
  }
  if (node.is_array()) {
    return "a list";
  }
  if (const auto* x = node.as_floating_point()) {
    return toml_text(x->get());
  }
  std::ostringstream out;
  node.visit([&](const auto& v) { out << v; });
  return node.is_string() ? "the text " + quoted(node.as_string()->get()) : out.str();
}

value checked_value(const key_info& k, const std::string& full_key, const toml::node& node, const place& where) {
  const auto v = converted(k, node, where);
  if (v && in_range(k, *v)) {
    return *v;
  }
  std::string hint;
  if (const auto* word = v ? std::get_if<std::string>(&*v) : nullptr; word != nullptr && !k.choices.empty()) {
    hint = suggestion(*word, k.choices);
  }
  const auto given = v ? toml_text(*v) : found_text(node);
  // Text becomes names and paths: a NUL would cut a path short, an escape sequence would reach a terminal.
  const auto accepted = v && (k.type == value_type::text || k.type == value_type::names)
                            ? "text without line ends, NUL and other control characters"
                            : accepted_text(k);
  throw config_error(where.file, where.line, full_key,
                     "is " + given + (v && k.type != value_type::choice ? unit_text(k) : "") + hint +
                         (hint.empty() ? "; accepted: " : " Accepted: ") + accepted);
}

}  // namespace backspike::config
