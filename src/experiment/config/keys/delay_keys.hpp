#pragma once
// The keys of delays are a file of their own because the connections of a layer and those of their own have them;
// keys.cpp and connection_keys.cpp put them into their tables.

#include "experiment/config/keys/key.hpp"

#include <backspike/network/network_spec.hpp>

namespace backspike::config {

/// The tables delay, delay.width, recurrent_delay and recurrent_delay.width of a layer.
std::vector<section<layer_spec>> delay_sections();

/// The tables delay and delay.width of a connection of its own.
std::vector<section<connection_spec>> connection_delay_sections();

}  // namespace backspike::config
