#pragma once
// A network program in whole numbers: weights of a few bits on a grid, states and thresholds with a fixed point. The
// simulator and the C export read the same tables and call the same few operations (fixed_numbers.hpp), so that they
// give the same spikes.

#include "deploy/program/program.hpp"

#include <backspike/deploy/fixed_point.hpp>

#include <cstdint>
#include <vector>

namespace backspike::deploy {

/// Numbers of the neurons that a step multiplies by: value = factor / 2^shift.
struct fixed_factor {
  std::vector<std::int64_t> of;  // [units]
  int shift = 0;
};

struct fixed_population {
  cell_step step;                                  // as recorded
  std::vector<std::vector<std::int64_t>> numbers;  // [nodes] known ones that are added, compared or kept: [units]
  std::vector<fixed_factor> factors;               // [nodes] known ones that are multiplied by; others have none
  std::vector<bool> gates;                         // [nodes] that are 1 or 0: a product with one is a choice
  std::vector<std::int64_t> bias;                  // [units], or empty
};

/// weight = (stored - zero) * factor[target] / 2^shift, in units of a state; where what arrives has values, which are
/// states themselves, the shift takes their unit back, too.
struct fixed_connection {
  std::vector<std::int64_t> stored;  // in the order of connection_program::weights
  int bits = 8;                      // of a stored number
  std::int64_t zero = 0;
  std::vector<std::int64_t> factor;  // [targets]
  int shift = 0;
};

struct fixed_program {
  const network_program* of = nullptr;
  fixed_point_spec spec;
  std::vector<fixed_population> populations;
  std::vector<fixed_connection> connections;
};

/// Throws value_error naming a cell whose step fixed point cannot do, or a number that does not fit.
fixed_program fixed_program_of(const network_program& net, const fixed_point_spec& spec);

}  // namespace backspike::deploy
