#pragma once
// The tables of `backspike inspect`.

#include <backspike/experiment/complexity.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/network/network.hpp>

#include <string>

namespace backspike::app {

/// Layers: cell, neurons, what reaches them.
std::string layer_table(const network& net);

/// Every parameter: shape, numbers, learnable or not, unit and range.
std::string parameter_table(const network& net);

/// Dense multiply-adds against event-driven operations of each connection, means over the samples.
std::string operation_table(const complexity& c);

std::string memory_table(const memory_forecast& forecast);

}  // namespace backspike::app
