#pragma once
// The control of the mismatch: the same perturbation on the smooth relaxation, where the gradient is the derivative.

#include <backspike/robustness/mismatch.hpp>

namespace backspike {

/// Of the first few of the samples.
smooth_control measure_smooth(const network& net, const objective_spec& objective, const arena<float>& parameters,
                              const dataset& data, std::span<const std::uint32_t> samples,
                              const mismatch_options& options);

}  // namespace backspike
