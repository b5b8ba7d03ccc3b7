#pragma once
// Values as text, and the check of a TOML value against its key.

#include "experiment/config/keys/key.hpp"
#include "experiment/config/toml.hpp"

#include <string>

namespace backspike::config {

/// Where a setting stands, for messages.
struct place {
  std::string file;
  std::size_t line = 0;  // 0: on the command line
  std::string raw_text;  // command line: the value as typed, for keys that take text without quotes
};

/// The shortest digits that read back to the same number: "20", "0.0001", "1e6".
std::string number_text(double x);

/// A value as TOML: a number keeps its point, text its quotes. Not of one that is absent.
std::string toml_text(const value& v);

/// What a key accepts: "a number, 0.01 to 1e6 ms", "one of sgd, adam, adamw".
std::string accepted_text(const key_info& k);

/// The range alone: "0.01 to 1e6", "above 0"; for a choice its names; "" where everything of the type is accepted.
std::string limits_text(const key_info& k);

/// What stands there, for messages: `the text "ten"`, `2.5`, `a table`.
std::string found_text(const toml::node& node);

/// The node's value if the key accepts it; else throws config_error with `full_key`.
value checked_value(const key_info& k, const std::string& full_key, const toml::node& node, const place& where);

}  // namespace backspike::config
