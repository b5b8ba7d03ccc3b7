#pragma once
// What a look inside a training network shows: who fires, who can learn, and how far back errors reach.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// A neuron is dead below `dead_rate` and saturated above `saturated_rate` spikes per step.
inline constexpr double dead_rate = 1e-6, saturated_rate = 0.9;

/// Of one population, over a few samples. The first four are of spiking cells only.
struct layer_health {
  std::string name;
  bool spiking = true;
  double rate = 0.0;       // spikes per neuron and step
  double dead = 0.0;       // share of neurons
  double saturated = 0.0;  // share of neurons
  double in_support =
      0.0;  // share of neurons and steps whose membrane is within the surrogate's width of the threshold
  /// Root mean square over neurons and samples of dL/d(input current), at most `error_bins` means over equal ranges of
  /// the distance to the last step: what is left of the error, from near to far.
  std::vector<double> error;
  double steps_per_bin = 1.0;
  /// Of an output of the network: neurons that the objective asks to change while no weight or bias into them has a
  /// derivative other than 0, so that no training changes them.
  std::vector<std::uint32_t> stuck{};
};

inline constexpr std::size_t error_bins = 40;

/// A parameter's change by one optimiser step over its size: Euclidean norms, over all its numbers.
struct update_ratio {
  std::string parameter;
  double ratio = 0.0;
};

}  // namespace backspike
