#pragma once
// Maximum pooling of spikes: the neurons of a layer whose own connections are max_pool.

#include <backspike/network/network_spec.hpp>

#include <optional>
#include <string>

namespace backspike {

/// What is wrong with a key of a layer.
struct pool_problem {
  std::string key, value, accepted;
};

/// Why a layer cannot have the neurons of a maximum; nothing of another layer.
std::optional<pool_problem> find_pool_problem(const layer_spec& layer);

/// Throws value_error for a maximum as a connection of its own, which might lead to any neurons.
void refuse_pool_connections(const network_spec& spec);

/// Gives such layers neurons that forget in a step and fire for one spike or more. Throws value_error for a layer that
/// has others, and for steps in which they cannot forget.
void set_pool_neurons(network_spec& spec);

}  // namespace backspike
