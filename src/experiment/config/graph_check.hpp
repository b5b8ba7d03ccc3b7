#pragma once
// What the layers and connections of an experiment say together: who is joined to whom.

#include <backspike/network/network_spec.hpp>

#include "experiment/config/checker.hpp"

#include <vector>

namespace backspike::config {

/// Gives every connection its name and every setting of its kind its value; those of another kind that it had before
/// its kind was overridden are dropped.
void finish_connections(std::vector<connection_spec>& connections);
/// The same of the connections that layers bring.
void finish_own_kinds(std::vector<layer_spec>& layers);

/// Throws config_error, at the key to blame, for what `network` would refuse whatever the sizes that only the data
/// know: names that are unknown or taken, a loop without delay, settings out of range.
void check_graph(const network_spec& spec, const checker& check);

/// The same layers and connections, by name, with one neuron each and dense but for kinds that refuse the pairs given.
network_spec without_sizes(const network_spec& spec);

}  // namespace backspike::config
