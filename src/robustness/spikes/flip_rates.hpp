#pragma once
// The chance of every bin of a sample to be flipped. The chances of each window sum up to the budget at most.

#include <backspike/core/random.hpp>
#include <backspike/robustness/attack.hpp>

#include "robustness/spikes/spike_moves.hpp"

#include <span>
#include <vector>

namespace backspike {

class flip_rates {
 public:
  /// Of a sample, in which nothing is flipped yet. Throws value_error where spikes can neither be added nor removed.
  flip_rates(const spike_raster& start, const attack_options& options);

  /// Bins flipped by chance, and `more` of those allowed on top, within the budget: the likely ones go first.
  std::vector<spike_move> draw(const spike_raster& start, std::size_t more, random_stream& random) const;
  /// Moves the chances along what flipping a bin does to what is to rise, by `size` where that is largest.
  void move(std::span<const float> slope, double size);

 private:
  void project();
  void project(std::span<float> window);

  const attack_options& options_;
  std::uint32_t channels_, window_;
  std::vector<bool> allowed_;
  std::vector<float> rates_;  // [bins]
};

}  // namespace backspike
