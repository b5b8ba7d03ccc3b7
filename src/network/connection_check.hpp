#pragma once
// Checks the settings of a connection, and plans its synapses.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/network/network_spec.hpp>

#include <optional>
#include <span>
#include <string>

namespace backspike {

/// The neurons at both ends; a loop leads from a population to itself.
struct connection_ends {
  std::size_t sources, targets;
  bool loop;
  std::span<const std::uint32_t> source_shape{}, target_shape{};
};

/// The receptor of a cell that a connection feeds, the first one unless it names another. Throws value_error about
/// `key` if there is none of that name.
std::size_t find_receptor(const cell_info& cell, const std::optional<std::string>& name, const std::string& key);

/// Throws value_error for a setting that is out of its range whatever it joins; `where` begins the setting's name.
void check_connection(const connection_spec& spec, const std::string& where);

/// Throws value_error for a transform of weights that a connection does not take.
void check_transform(const connection_spec& spec, const connection_info& kind, const weight_extents& weights,
                     const std::string& where);

/// What a connection of a kind that finds its targets leads to; throws as planned_synapses.
grid_shape found_shape(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                       const std::string& where);

/// Throws value_error for settings that the kind does not take.
synapse_plan planned_synapses(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                              const std::string& where);

}  // namespace backspike
