#pragma once
// Checks the settings of a connection, and plans its synapses.

#include <backspike/connection/connection_info.hpp>
#include <backspike/network/network_spec.hpp>

#include <string>

namespace backspike {

/// The numbers of neurons at both ends; a loop leads from a population to itself.
struct connection_ends {
  std::size_t sources, targets;
  bool loop;
};

/// Throws value_error for a setting that is out of its range whatever it joins; `where` begins the setting's name.
void check_connection(const connection_spec& spec, const std::string& where);

/// Throws value_error for settings that the kind does not take.
synapse_plan planned_synapses(const connection_info& kind, const connection_spec& spec, const connection_ends& ends,
                              const std::string& where);

}  // namespace backspike
