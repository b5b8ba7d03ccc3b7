#pragma once
// The keys of an agent and of the environment that it acts in.

#include <backspike/experiment/experiment.hpp>

#include "experiment/config/keys/key.hpp"

#include <string>
#include <vector>

namespace backspike::config {

/// [environment], [environment.encoder] and [agent].
std::vector<section<experiment>> agent_sections();

/// Whether a dotted key says something where an agent acts: false, where data are learned from. Keys that say
/// something in both have neither.
bool is_of_agent(const std::string& dotted);
bool is_of_data(const std::string& dotted);

}  // namespace backspike::config
