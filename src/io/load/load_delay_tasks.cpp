// Loads the generated tasks that take delays: delay recovery and coincidence.

#include <backspike/data/tasks/delay_tasks.hpp>

#include "data/tasks/generate_parts.hpp"
#include "io/load/sources.hpp"

namespace backspike {
dataset_split load_delay_recovery(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.delay_recovery;
  const double bytes = 8.0 + 4.0 * task.outputs + 4.0 * task.inputs * task.rate / 1e3;  // an offset, targets, channels
  return generate(
      task, spec, "delay_recovery", bytes,
      [&](std::uint64_t first, std::uint32_t samples) { return make_delay_recovery(task, seed, first, samples); },
      progress);
}

dataset_split load_coincidence(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.coincidence;
  const double bytes = 8.0 + 4.0 * task.channels * task.volleys / task.steps;
  return generate(
      task, spec, "coincidence", bytes,
      [&](std::uint64_t first, std::uint32_t samples) { return make_coincidence(task, seed, first, samples); },
      progress);
}

}  // namespace backspike
