#pragma once
// The tables of `backspike inspect`.

#include <backspike/experiment/complexity.hpp>
#include <backspike/experiment/delay_changes.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/network/network.hpp>

#include <string>

namespace backspike::app {

/// Layers: cell, neurons, and a line for each connection that reaches them.
std::string layer_table(const network& net);

/// Every parameter: shape, numbers, learnable or not, unit and range.
std::string parameter_table(const network& net);

/// Dense multiply-adds against event-driven operations of each connection, means over the samples.
std::string operation_table(const complexity& c);

/// Histograms of the delays, those before training beside them if `trained`, and how far they moved. Empty for a
/// network without delays.
std::string delay_table(const std::vector<delay_change>& changes, bool trained);

/// How wide the kernels around the delays are in some of the epochs, or were learned to be.
std::string width_table(const network& net, const arena<float>& parameters, std::uint32_t epochs);

std::string memory_table(const memory_forecast& forecast);

}  // namespace backspike::app
