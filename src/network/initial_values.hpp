#pragma once
// The numbers that a cell parameter starts with.

#include <backspike/core/random.hpp>
#include <backspike/network/network_spec.hpp>

#include <vector>

namespace backspike {

/// `count` values of a parameter, drawn as its specification says and brought into its range; what is learned through a
/// transform keeps a thousandth of the way from `value` to each end clear of that end.
std::vector<double> initial_values(const cell_parameter_spec& spec, std::size_t count, random_stream stream);

}  // namespace backspike
