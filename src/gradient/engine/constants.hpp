#pragma once
// Between a cell's parameters (what is learned, for a layer, a channel or a neuron) and its constants (what a step
// reads, per neuron). The way back is the chain rule through the cell's own `prepare`, by dual numbers.

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <span>

namespace backspike {

/// constants[k * width + neuron] for every neuron; the padding repeats the last neuron's values.
void prepare_constants(const population& p, const arena<float>& parameters, double dt, std::span<float> constants);

/// Adds to `gradient` what the error on constants [constants][width] means for the learned parameters.
void pull_back_constants(const population& p, const arena<float>& parameters, double dt,
                         std::span<const float> error_constants, arena<float>& gradient);

}  // namespace backspike
