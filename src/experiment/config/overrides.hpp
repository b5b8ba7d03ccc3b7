#pragma once
// Keys that are set on the command line, after the file and in the same way.

#include "experiment/config/reader.hpp"

#include <string>

namespace backspike::config {

/// Applies "dotted.key=value". The value is TOML if it parses as such, else the text itself.
void read_override(experiment_reader& reader, const std::string& text);

}  // namespace backspike::config
