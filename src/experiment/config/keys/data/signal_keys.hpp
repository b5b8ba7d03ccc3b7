#pragma once
// The keys of the generated tasks on signals and timing.

#include <backspike/data/tasks/signal_task_spec.hpp>

#include "experiment/config/keys/key.hpp"

#include <vector>

namespace backspike::config {

std::vector<key<waveforms_spec>> waveforms_keys();
std::vector<key<psp_spec>> psp_keys();
std::vector<key<timing_spec>> timing_keys();
std::vector<key<mackey_glass_spec>> mackey_glass_keys();

}  // namespace backspike::config
