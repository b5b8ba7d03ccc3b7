#pragma once
// The distance of van Rossum (2001, Neural Computation 13(4), 751-763) in continuous time:
//
//   D^2 = (1 / tau) int_0^inf (f(t) - g(t))^2 dt,   f(t) = sum_{a_i <= t} exp(-(t - a_i) / tau), g of b likewise
//
// One spike against silence gives D^2 = 1/2, two far apart 1. Between spikes m = f - g decays, so that a pause of
// length T adds m^2 (1 - exp(-2 T / tau)) / 2: one number is carried through the merged trains, every term is positive,
// and the result is exact. tau to 0 counts spikes without a partner at the same time, tau to infinity compares counts.

#include <backspike/metric/spike_train.hpp>

namespace backspike {

/// D of the equation above; time a.size() + b.size(). `tau` [ms] above 0. Throws value_error: a train that does not
/// ascend, a time that is not finite, a tau that is not above 0 or not finite.
double van_rossum_distance(spike_train a, spike_train b, double tau);

}  // namespace backspike
