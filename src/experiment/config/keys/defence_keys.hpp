#pragma once
// The keys of training against an attack.

#include <backspike/robustness/defence_spec.hpp>

#include "experiment/config/keys/key.hpp"

#include <vector>

namespace backspike::config {

std::vector<key<defence_spec>> defence_keys();

}  // namespace backspike::config
