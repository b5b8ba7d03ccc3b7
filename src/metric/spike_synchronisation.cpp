// Counts the spikes of two trains that coincide; the window follows from the intervals around each spike.

#include <backspike/metric/spike_synchronisation.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// Half the shorter of the intervals beside spike i; infinity for an only spike.
double half_interval(spike_train train, std::size_t i) {
  double shortest = std::numeric_limits<double>::infinity();
  if (i > 0) {
    shortest = train[i] - train[i - 1];
  }
  if (i + 1 < train.size()) {
    shortest = std::min(shortest, train[i + 1] - train[i]);
  }
  return shortest / 2.0;
}

}  // namespace

spike_coincidences count_coincidences(spike_train a, spike_train b, double longest_window) {
  check_spike_train("spike_synchronisation", "a", a);
  check_spike_train("spike_synchronisation", "b", b);
  if (!(longest_window > 0.0)) {
    throw value_error("spike_synchronisation", "longest_window", short_number(longest_window), "above 0 ms");
  }
  spike_coincidences counts{0, a.size() + b.size()};
  std::size_t j = 0;  // the spike of b that is nearest to that of a: no other can be within its window
  for (std::size_t i = 0; i < a.size() && !b.empty(); ++i) {
    while (j + 1 < b.size() && std::abs(b[j + 1] - a[i]) <= std::abs(b[j] - a[i])) {
      ++j;
    }
    const double gap = std::abs(b[j] - a[i]);
    if (gap == 0.0 || gap < std::min({half_interval(a, i), half_interval(b, j), longest_window})) {
      counts.coincident += 2;  // each with the other
    }
  }
  return counts;
}

double spike_synchronisation(spike_train a, spike_train b, double longest_window) {
  return count_coincidences(a, b, longest_window).share();
}

}  // namespace backspike
