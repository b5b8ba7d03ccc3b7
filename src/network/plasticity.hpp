#pragma once
// Short-term plasticity of a connection, as a population between its source and its weights.

#include <backspike/network/network_spec.hpp>

#include <string>
#include <vector>

namespace backspike {

/// What the population and the connection that feeds it are called.
std::string plasticity_name(const connection_spec& c);

/// The layers, with one population of `tsodyks_markram` for each connection with short-term plasticity, before the last
/// layer. Every layer then names what it receives from. Throws value_error for settings that cannot be.
std::vector<layer_spec> with_plasticity(const network_spec& spec);

/// The connection of weight 1 that brings the spikes of the source to that population.
connection_spec relay_of(const connection_spec& c);

}  // namespace backspike
