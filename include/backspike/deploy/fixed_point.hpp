#pragma once
// Fixed point as chips without floating-point units have it: weights of a few bits on a grid, states with a fixed
// point.

#include <backspike/core/enum_names.hpp>

namespace backspike {

/// Which weights share a step of the grid: those of a connection, or those that lead to one channel (to one neuron,
/// where neurons have no channels).
enum class grid_sharing { layer, channel };
template <>
inline constexpr auto enum_names<grid_sharing> = std::to_array<enum_name<grid_sharing>>({
    {grid_sharing::layer, "layer"},
    {grid_sharing::channel, "channel"},
});

struct fixed_point_spec {
  int weight_bits = 8;  // 1 to 16; symmetric: at least 2
  grid_sharing weight_grid = grid_sharing::layer;
  bool symmetric = true;    // as many steps below 0 as above; else the grid has its zero where the weights want it
  int state_bits = 24;      // 4 to 32, of states and thresholds, the sign included
  int state_fraction = 14;  // of these behind the point, below state_bits
  int factor_bits = 16;     // 2 to 31, of decays and gains, the sign included
  bool operator==(const fixed_point_spec&) const = default;
};

/// Throws value_error naming the setting.
void check(const fixed_point_spec& spec);

}  // namespace backspike
