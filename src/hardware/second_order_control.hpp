#pragma once
// The control of a sensitivity: exact second derivatives against true changes of the gradient.

#include <backspike/hardware/sensitivity.hpp>

#include <cstdint>
#include <string>

namespace backspike {

/// Along a random direction in the parameters that the pattern matches, each by a share of its size.
second_order_control measure_second_order(const network& net, const objective_spec& objective,
                                          const arena<float>& parameters, const dataset& data, const std::string& match,
                                          std::uint64_t seed);

}  // namespace backspike
