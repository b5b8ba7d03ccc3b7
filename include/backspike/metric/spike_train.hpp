#pragma once
// What the metrics of spike trains compare: the times at which one neuron spiked. Metrics are numbers for people; what
// training lowers is in objective/. Any unit of time will do, as long as all arguments share it; [ms] stands for it.

#include <span>

namespace backspike {

/// Spike times of one neuron [ms], ascending, none twice. It may be empty.
using spike_train = std::span<const double>;

/// Throws value_error naming operation, argument and position: a time that is not finite or not after the one before.
void check_spike_train(const char* operation, const char* argument, spike_train train);

}  // namespace backspike
