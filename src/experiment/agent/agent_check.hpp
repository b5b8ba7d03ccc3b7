#pragma once
// What the keys of an agent say together.

#include <backspike/experiment/experiment.hpp>

#include "experiment/config/checker.hpp"

namespace backspike::config {

/// Before the network is checked: makes the layers of policy and value its outputs. Throws config_error for an
/// environment that does not exist or takes other settings, for keys that say nothing where an agent acts, or where
/// none does.
void finish_agent(experiment& e, const settings_map& settings, const checker& check);

/// Afterwards: sizes, and an encoder that fits what is observed.
void check_agent(const experiment& e, const checker& check);

}  // namespace backspike::config
