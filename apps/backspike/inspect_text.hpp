#pragma once
// The tables of `backspike inspect`.

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/network/network.hpp>

#include <string>

namespace backspike::app {

/// Layers: cell, neurons, what reaches them.
std::string layer_table(const network& net);

/// Every parameter: shape, numbers, learnable or not, unit and range.
std::string parameter_table(const network& net);

/// Dense multiply-adds against event-driven additions of each connection, means over the samples of `activity`, which
/// was measured on `data`.
std::string operation_table(const network& net, const dataset& data, const evaluation& activity);

std::string memory_table(const memory_forecast& forecast);

}  // namespace backspike::app
