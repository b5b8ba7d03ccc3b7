#pragma once
// One declaration of a parameter or setting: name, unit, default, range, meaning. It feeds validation of TOML files,
// `backspike schema`, the documentation and checkpoints, so that no second list is kept anywhere.

#include <limits>
#include <string_view>

namespace backspike {

struct field {
  std::string_view name;
  std::string_view unit;  // "" for a pure number
  double initial;         // the default
  double low;             // lowest accepted value
  double high;            // highest accepted value
  std::string_view meaning;
};

inline constexpr double unbounded = std::numeric_limits<double>::infinity();

}  // namespace backspike
