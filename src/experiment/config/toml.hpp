#pragma once
// toml++ without its assertions: some of version 3.3's fail on malformed files ("[=") that its parser then refuses
// properly, and a library must not abort. They are off in release builds anyway. Every include goes through this
// header, and every text is parsed by parse_toml.

#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace backspike::config {

// A parameter may be a list with a number for each neuron, so that what we write ourselves has no natural end: 16 MiB
// are 800,000 numbers with every digit.
inline constexpr std::size_t longest_toml = std::size_t{1} << 24;    // [bytes]
inline constexpr std::size_t deepest_toml = 16;                      // parts of a key, lists and tables in each other
inline constexpr std::size_t most_toml_keys = std::size_t{1} << 16;  // parts of all keys; and every list counts as one

struct toml_problem {
  std::size_t line;
  std::string message;
};

/// What the parser must not even see: toml++ and whoever walks through its tables call themselves for every level, and
/// a few KB of "[a.a.a." overflow the stack; it looks for a table among all that were opened, so that 16 MiB of keys
/// take an hour. Empty: size, depth and keys are within the limits above, and parsing takes a few seconds at most.
std::optional<toml_problem> find_toml_problem(std::string_view text);

/// Throws config_error with `origin` and line for what is not TOML or beyond the limits.
toml::table parse_toml(const std::string& text, const std::string& origin);

}  // namespace backspike::config
