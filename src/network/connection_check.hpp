#pragma once
// Checks the settings of a connection, and plans its synapses.

#include <backspike/connection/connection_info.hpp>
#include <backspike/network/network_spec.hpp>

#include <span>
#include <string>

namespace backspike {

/// The neurons at both ends; a loop leads from a population to itself.
struct connection_ends {
  std::size_t sources, targets;
  bool loop;
  std::span<const std::uint32_t> source_shape{}, target_shape{};
};

/// Throws value_error for a setting that is out of its range whatever it joins; `where` begins the setting's name.
void check_connection(const connection_spec& spec, const std::string& where);

/// What a connection of a kind that finds its targets leads to; throws as planned_synapses.
grid_shape found_shape(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                       const std::string& where);

/// Throws value_error for settings that the kind does not take.
synapse_plan planned_synapses(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                              const std::string& where);

}  // namespace backspike
