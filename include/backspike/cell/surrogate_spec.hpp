#pragma once
// Which surrogate and which reset the spikes of a layer have. The surrogates' equations: cell/surrogates/.

#include <backspike/core/enum_names.hpp>

namespace backspike {

enum class surrogate_kind {
  fast_sigmoid,
  arctangent,
  triangle,
  sigmoid,
  boxcar,
  gaussian,
  multi_gaussian,
  exponential
};
template <>
inline constexpr auto enum_names<surrogate_kind> = std::to_array<enum_name<surrogate_kind>>({
    {surrogate_kind::fast_sigmoid, "fast_sigmoid"},
    {surrogate_kind::arctangent, "arctangent"},
    {surrogate_kind::triangle, "triangle"},
    {surrogate_kind::sigmoid, "sigmoid"},
    {surrogate_kind::boxcar, "boxcar"},
    {surrogate_kind::gaussian, "gaussian"},
    {surrogate_kind::multi_gaussian, "multi_gaussian"},
    {surrogate_kind::exponential, "exponential"},
});

enum class spike_mode { hard, smooth };
enum class reset_kind { subtract, to_value, none };
template <>
inline constexpr auto enum_names<reset_kind> = std::to_array<enum_name<reset_kind>>({
    {reset_kind::subtract, "subtract"},
    {reset_kind::to_value, "to_value"},
    {reset_kind::none, "none"},
});

/// Widths and heights of a surrogate, so that a distance to the threshold over the width is a number in any precision.
inline constexpr double least_surrogate = 1e-6, most_surrogate = 1e6;

/// The pseudo-derivative of the spike: height * shape(u / width), u the distance to threshold. See cell/surrogate.hpp.
struct surrogate_spec {
  surrogate_kind kind = surrogate_kind::fast_sigmoid;
  double width = 0.1;
  double height = 1.0;
  bool operator==(const surrogate_spec&) const = default;
};

}  // namespace backspike
