#pragma once
// What can only be checked once the file and everything that overrides it are read.

#include <backspike/experiment/experiment.hpp>

#include "experiment/config/keys/table.hpp"

#include <string>

namespace backspike::config {

/// Names layers, gives every cell parameter its value and checks what keys say together. Throws config_error with the
/// place at which the key was set.
void finish(experiment& e, const settings_map& settings, const std::string& file);

}  // namespace backspike::config
