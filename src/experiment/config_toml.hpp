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

inline constexpr std::size_t longest_toml = std::size_t{1} << 20;  // [bytes] a hundred times the longest that we write
inline constexpr std::size_t deepest_toml = 16;                    // parts of a key, and lists and tables in each other

struct toml_problem {
  std::size_t line;
  std::string message;
};

/// What the parser must not even see: toml++ and whoever walks through its tables call themselves for every level, and
/// a few KB of "[a.a.a." overflow the stack. Empty: size and depth are within the limits above.
std::optional<toml_problem> find_toml_problem(std::string_view text);

/// Throws config_error with `origin` and line for what is not TOML, too long or too deep.
toml::table parse_toml(const std::string& text, const std::string& origin);

}  // namespace backspike::config
