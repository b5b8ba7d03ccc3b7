#pragma once
// The distance of Victor and Purpura (1996, J. Neurophysiol. 76(2), 1310-1326): the least cost of turning one spike
// train into the other, where adding or removing a spike costs 1 and moving a spike by dt costs q |dt|. So a spike is
// moved only where q |dt| < 2. With D_{i,j} the distance of the first i spikes of a and the first j of b,
//
//   D_{i,j} = min(D_{i-1,j} + 1, D_{i,j-1} + 1, D_{i-1,j-1} + q |a_i - b_j|),   D_{i,0} = i,  D_{0,j} = j
//
// q = 0 compares spike counts; with q to infinity it counts the spikes that have no partner at the same time.

#include <backspike/metric/spike_train.hpp>

namespace backspike {

/// Exact; time a.size() * b.size(), memory for one row of the shorter train. `cost` is q [1/ms], 0 or more, infinity
/// included. Throws value_error: a train that does not ascend, a time that is not finite, a negative cost.
double victor_purpura(spike_train a, spike_train b, double cost);

}  // namespace backspike
