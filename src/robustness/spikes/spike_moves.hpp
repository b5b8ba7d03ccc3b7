#pragma once
// Changes that an attack on spikes can make next, and what a gradient promises of each.

#include <backspike/core/random.hpp>
#include <backspike/robustness/spike_options.hpp>

#include "robustness/spikes/spike_raster.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// One bin that is flipped, or two: a spike that goes from the first to the second.
struct spike_move {
  std::array<spike_bin, 2> bins{};
  std::uint32_t count = 1;
  double promise = 0.0;  // rise of the loss for each bin

  std::span<const spike_bin> flips() const { return std::span(bins).first(count); }
};

/// Bins of a raster that differ from the sample, counted over the sample or in each window of it.
class spike_changes {
 public:
  spike_changes(const spike_raster& raster, double budget, std::uint32_t window);

  bool changed(std::size_t bin) const { return changed_[bin]; }
  std::size_t size() const { return static_cast<std::size_t>(size_); }
  /// Whether the budget holds after these bins are flipped.
  bool fits(std::span<const spike_bin> flips) const;
  void flip(spike_bin b);
  /// Whether no further bin may change anywhere.
  bool full() const;
  /// Whether no more has changed than may.
  bool within() const;

 private:
  std::size_t index(spike_bin b) const { return std::size_t{b.step} * channels_ + b.channel; }
  std::size_t window_of(spike_bin b) const { return b.step / window_; }
  /// What flipping it adds to the count: -1 where that brings the bin back.
  std::int64_t weight_of(spike_bin b) const { return changed_[index(b)] ? -1 : 1; }

  std::uint32_t channels_, window_;
  std::int64_t budget_, size_ = 0;
  std::vector<bool> changed_;
  std::vector<std::int64_t> counts_;  // [windows]
};

/// Where a spike can go: bins within reach that are empty and as in the sample.
void shift_targets(const spike_raster& raster, const spike_changes& changes, std::uint32_t reach, spike_bin from,
                   std::vector<spike_bin>& to);

/// The `most` moves of which the gradient [bins] of what is to rise promises most, best first; none that promises
/// nothing, is beyond the budget or touches what has changed already.
std::vector<spike_move> ranked_moves(const spike_raster& raster, const spike_changes& changes,
                                     const spike_options& options, std::span<const float> gradient, std::size_t most);

/// One of the allowed changes, each kind with equal chance; count 0: there was none to be found.
spike_move random_move(const spike_raster& raster, const spike_changes& changes, const spike_options& options,
                       random_stream& random);

}  // namespace backspike
