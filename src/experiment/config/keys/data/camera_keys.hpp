#pragma once
// Keys of the simulated event camera and of the task that moves blobs in front of it.

#include <backspike/data/event_camera_spec.hpp>

#include "experiment/config/keys/key.hpp"

#include <vector>

namespace backspike::config {

std::vector<key<event_camera_spec>> event_camera_keys();
std::vector<key<saccade_direction_spec>> saccade_direction_keys();

}  // namespace backspike::config
