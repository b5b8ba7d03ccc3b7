#pragma once

#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

namespace backspike {

/// Whether a batch fits a network and an objective; every learning rule asks this first. Throws shape_error (channels,
/// target width) and value_error (no sample, a label out of range, data without the targets that the loss compares
/// with, target spike trains that are negative or, for losses that cannot do without, empty); `operation` says who
/// refuses.
void check_batch(const char* operation, const network& net, const objective_spec& objective, batch_view batch);

/// Throws value_error: a width or time constant that is not positive, a negative weight, weights that sum to 0.
void check_objective(const char* operation, const objective_spec& objective);

}  // namespace backspike
