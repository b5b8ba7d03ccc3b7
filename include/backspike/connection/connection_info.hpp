#pragma once
// What programs know of a kind of connection at run time, made from the list in connections.hpp.

#include <backspike/connection/synapses.hpp>
#include <backspike/core/field.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace backspike {

struct connection_info {
  std::size_t kind;  // its place in the list
  std::string_view name, meaning;
  std::span<const field> fields;
  bool matrix, shares_weights, takes_pairs, finds_targets, fixed, has_patches, sets_neurons;
  std::optional<synapse_problem> (*problem)(const synapse_request&);
  grid_shape (*target_shape)(const synapse_request&);
  void (*plan)(const synapse_request&, synapse_plan&);
  weight_extents (*weights)(const synapse_plan&);
};

/// All kinds, in the order of the list.
std::span<const connection_info> known_connections();

/// Throws value_error naming the kinds there are.
const connection_info& find_connection(std::string_view name);

}  // namespace backspike
