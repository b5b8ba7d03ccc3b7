// Reads `--set dotted.key=value`. It goes the same way as the file (reader.hpp), so that both have the same checks and
// messages.

#include "experiment/config/overrides.hpp"

#include <backspike/core/text.hpp>

#include <optional>

namespace backspike::config {
namespace {

const std::string override_origin = "--set";

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

/// A table whose only key is "value".
std::optional<toml::table> parse_value(const std::string& text) {
  try {
    toml::table table = parse_toml("value = " + text, override_origin);
    return table.size() == 1 && table.contains("value") ? std::optional(std::move(table)) : std::nullopt;
  } catch (const config_error&) {
    return std::nullopt;
  }
}

void require_harmless(const std::string& key, const std::string& value) {
  if (const auto problem = find_toml_problem(value)) {
    throw config_error(override_origin, 0, key, "the value has " + problem->message);
  }
}

/// What is no TOML is a text without its quotes.
toml::table value_or_text(const std::string& key, const std::string& raw) {
  if (auto parsed = parse_value(raw)) {
    return std::move(*parsed);
  }
  const auto quoted = "value = " + toml_text(raw);  // escapes may make it longer than the text is
  require_harmless(key, quoted);
  return parse_toml(quoted, override_origin);
}

}  // namespace

void read_override(experiment_reader& reader, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) {
    throw config_error(override_origin, 0, text, "has no value; accepted: dotted.key=value");
  }
  const auto key = trimmed(text.substr(0, equals)), raw = trimmed(text.substr(equals + 1));
  if (key.empty()) {
    throw config_error(override_origin, 0, text, "has no key; accepted: dotted.key=value");
  }
  if (key.starts_with('.') || key.ends_with('.') || key.find("..") != std::string::npos) {
    throw config_error(override_origin, 0, key, "has a part without a name; accepted: dotted.key=value");
  }
  if (!is_valid_utf8(raw)) {
    throw config_error(override_origin, 0, key, "the value is not UTF-8 text");
  }
  // Text without quotes may be full of dots: "../../..". What is meant as a list or a table begins as one.
  if (raw.starts_with('[') || raw.starts_with('{')) {
    require_harmless(key, raw);
  }
  const auto parsed = value_or_text(key, raw);
  reader.read(key, *parsed.get("value"), {override_origin, 0, raw});
}

}  // namespace backspike::config
