#pragma once
// One declaration of a parameter or setting: name, unit, default, range, meaning. It feeds validation of TOML files,
// `backspike schema`, the documentation and checkpoints, so that no second list is kept anywhere.

#include <backspike/core/enum_names.hpp>

#include <limits>
#include <string_view>

namespace backspike {

/// How training keeps a parameter in its range. `clamp` projects it back after a step. The others train a number u that
/// may be anything: exp: low + e^u, softplus: low + log(1 + e^u), sigmoid: low + (high - low) / (1 + e^-u).
enum class parameter_transform { clamp, exp, sigmoid, softplus };
template <>
inline constexpr auto enum_names<parameter_transform> = std::to_array<enum_name<parameter_transform>>({
    {parameter_transform::clamp, "clamp"},
    {parameter_transform::exp, "exp"},
    {parameter_transform::sigmoid, "sigmoid"},
    {parameter_transform::softplus, "softplus"},
});

struct field {
  std::string_view name;
  std::string_view unit;  // "" for a pure number
  double initial;         // the default
  double low;             // lowest accepted value
  double high;            // highest accepted value
  std::string_view meaning;
  bool is_whole = false;  // of its range only whole numbers are accepted
};

/// A field of whole numbers: counts, sizes, seeds.
constexpr field whole_field(field f) {
  f.is_whole = true;
  return f;
}

inline constexpr double unbounded = std::numeric_limits<double>::infinity();

}  // namespace backspike
