#pragma once
// The keys of chips that a network shall run on.

#include <backspike/hardware/device_spec.hpp>

#include "experiment/config/keys/key.hpp"

#include <vector>

namespace backspike::config {

std::vector<key<hardware_spec>> hardware_keys();

/// Those of a [[hardware.mismatch]].
const key_table<parameter_mismatch>& mismatch_keys();

}  // namespace backspike::config
