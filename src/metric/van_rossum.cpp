// The van Rossum distance, exactly: between two spikes the difference decays, so each piece of the integral has a
// formula.

#include <backspike/metric/van_rossum.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <cmath>

namespace backspike {
namespace {

/// f - g as time goes on, and the integral of its square.
struct filtered_difference {
  double tau, time = 0.0, value = 0.0, integral = 0.0;  // integral in units of tau

  void advance(double to) {
    if (value != 0.0) {  // 0 stays 0, also before the first spike, which may be at any time
      const double pause = (to - time) / tau;
      integral -= 0.5 * value * value * std::expm1(-2.0 * pause);
      value *= std::exp(-pause);
    }
    time = to;
  }
  double total() const { return integral + 0.5 * value * value; }  // with the tail after the last spike
};

}  // namespace

double van_rossum_distance(spike_train a, spike_train b, double tau) {
  check_spike_train("van_rossum_distance", "a", a);
  check_spike_train("van_rossum_distance", "b", b);
  if (!(tau > 0.0) || std::isinf(tau)) {
    throw value_error("van_rossum_distance", "tau", short_number(tau), "above 0 ms, finite");
  }
  filtered_difference difference{tau};
  std::size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    const bool takes_a = j == b.size() || (i < a.size() && a[i] <= b[j]);
    const bool takes_b = i == a.size() || (j < b.size() && b[j] <= a[i]);
    difference.advance(takes_a ? a[i] : b[j]);
    difference.value += (takes_a ? 1.0 : 0.0) - (takes_b ? 1.0 : 0.0);
    i += takes_a ? 1 : 0;
    j += takes_b ? 1 : 0;
  }
  return std::sqrt(difference.total());
}

}  // namespace backspike
