#pragma once
// Which spikes of an output answer which of its target, each at most one: of all pairings with |output - target| at
// most the tolerance, one with the most pairs, and of these one with the least sum of squared offsets. What is left is
// missed (a target without an output) or extra (an output without a target). Jitter is the standard deviation of the
// paired outputs around their targets, sqrt(sum offset^2 / matched): add up the matchings of all repeats and neurons.

#include <backspike/metric/spike_train.hpp>

#include <cstddef>

namespace backspike {

struct spike_matching {
  std::size_t matched = 0, missed = 0, extra = 0;
  double offset_sum = 0.0;      // [ms] over the pairs, output - target
  double offset_squares = 0.0;  // [ms^2]

  std::size_t targets() const { return matched + missed; }
  /// Of the targets, in [0, 1]; 1 where there are none.
  double matched_share() const;
  /// Extra spikes in units of the targets; NaN without targets unless nothing is extra.
  double extra_share() const;
  /// sqrt(offset_squares / matched) [ms]: NaN where nothing matched.
  double jitter() const;
  /// Mean offset [ms], above 0 where outputs are late: NaN where nothing matched.
  double bias() const;
  spike_matching& operator+=(const spike_matching& other);
};

/// `tolerance` [ms] 0 or more. Exact; time target.size() * output.size(), memory for one row. Throws value_error: a
/// train that does not ascend, a time that is not finite, a tolerance that is negative or not finite.
spike_matching match_spikes(spike_train target, spike_train output, double tolerance);

}  // namespace backspike
