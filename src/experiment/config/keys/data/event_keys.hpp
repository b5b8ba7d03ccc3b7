#pragma once
// The keys of recordings of event cameras.

#include <backspike/data/event_data_spec.hpp>

#include "experiment/config/keys/key.hpp"

#include <vector>

namespace backspike::config {

std::vector<key<event_data_spec>> event_keys();
std::vector<key<event_augment_spec>> augment_keys();

}  // namespace backspike::config
