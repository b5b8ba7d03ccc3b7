#pragma once
// SPIKE-synchronisation (Kreuz, Mulansky & Bozanic 2015, J. Neurophysiol. 113(9), 3432-3445): the share of spikes, of
// both trains together, that coincide with one of the other train. Spikes a_i and b_j coincide if
//
//   |a_i - b_j| < tau_ij = min(a_{i+1} - a_i, a_i - a_{i-1}, b_{j+1} - b_j, b_j - b_{j-1}) / 2
//
// or if their times are the same: the window adapts to the local rates and there is no time scale to choose. Intervals
// beyond the first and the last spike do not count.

#include <backspike/metric/spike_train.hpp>

#include <cstddef>
#include <limits>

namespace backspike {

/// Counts, so that those of several neurons, samples or pairs can be added before the share is taken.
struct spike_coincidences {
  std::size_t coincident = 0, spikes = 0;  // of both trains together
  /// In [0, 1]; 1 where nothing spikes.
  double share() const { return spikes == 0 ? 1.0 : static_cast<double>(coincident) / static_cast<double>(spikes); }
  spike_coincidences& operator+=(const spike_coincidences& other) {
    coincident += other.coincident;
    spikes += other.spikes;
    return *this;
  }
};

/// `longest_window` [ms] bounds tau_ij, which matters most between trains of one spike, where nothing else does.
/// Throws value_error: a train that does not ascend, a time that is not finite, a longest_window not above 0.
spike_coincidences count_coincidences(spike_train a, spike_train b,
                                      double longest_window = std::numeric_limits<double>::infinity());

/// SPIKE-synchronisation of two trains: count_coincidences(...).share().
double spike_synchronisation(spike_train a, spike_train b,
                             double longest_window = std::numeric_limits<double>::infinity());

}  // namespace backspike
