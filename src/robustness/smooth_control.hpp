#pragma once
// The control of the mismatch: the same perturbation on the smooth relaxation, where the gradient is the derivative.

#include <backspike/robustness/mismatch.hpp>

namespace backspike {

/// Of the first few of the samples.
smooth_control measure_smooth(const network& net, const objective_spec& objective, const arena<float>& parameters,
                              const dataset& data, std::span<const std::uint32_t> samples,
                              const mismatch_options& options);

/// Least squares of log difference over log size, without differences that are rounding; NaN: fewer than two are left.
double log_slope(std::span<const double> sizes, std::span<const double> differences);

}  // namespace backspike
