#pragma once
// The keys of delays are a file of their own because two connections of a layer have them; keys.cpp puts them into the
// table.

#include "experiment/config/keys/key.hpp"

#include <backspike/network/network_spec.hpp>

namespace backspike::config {

/// The tables delay, delay.width, recurrent_delay and recurrent_delay.width of a layer.
std::vector<section<layer_spec>> delay_sections();

}  // namespace backspike::config
