// Loads the generated tasks on signals and timing: waveforms, filter recovery, spike timing, Mackey-Glass.

#include <backspike/data/tasks/mackey_glass.hpp>
#include <backspike/data/tasks/signal_tasks.hpp>

#include "data/tasks/generate_parts.hpp"
#include "io/load/sources.hpp"

#include <numeric>
#include <vector>

namespace backspike {

dataset_split load_waveforms(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.waveforms;
  const double bytes = 24.0 + 4.0 * 3.0 * task.neurons * task.rate / 1e3;  // an offset, a weight, targets, channels
  return generate(
      task, spec, "waveforms", bytes,
      [&](std::uint64_t first, std::uint32_t samples) { return make_waveforms(task, seed, first, samples); }, progress);
}

dataset_split load_psp(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.psp;
  const double bytes = 8.0 + 4.0 * task.channels * (1.0 + task.rate / 1e3);
  return generate(
      task, spec, "psp", bytes,
      [&](std::uint64_t first, std::uint32_t samples) { return make_psp(task, seed, first, samples); }, progress);
}

dataset_split load_timing(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& task = spec.timing;
  const double bytes = 8.0 + 4.0 * task.channels / task.steps;
  return generate(
      task, spec, "timing", bytes,
      [&](std::uint64_t first, std::uint32_t samples) { return make_timing(task, seed, first, samples); }, progress);
}

dataset_split load_mackey_glass(const data_spec& spec, std::uint64_t seed, const load_progress&) {
  const auto& task = spec.mackey_glass;
  const double points = double{1} * task.train_points * task.copies + task.test_points;
  const double bytes = points * task.steps * (16.0 + 8.0 * task.taps);
  if (bytes > static_cast<double>(available_memory())) {
    throw resource_error("mackey_glass", static_cast<std::uint64_t>(bytes), available_memory(),
                         "fewer data.mackey_glass.train_points, copies, steps or taps need less");
  }
  auto split = make_mackey_glass(task, seed);
  for (dataset* part : {&split.train, &split.test}) {
    if (spec.limit > 0 && spec.limit < part->size()) {
      std::vector<std::uint32_t> first(spec.limit);
      std::iota(first.begin(), first.end(), 0U);
      *part = subset(*part, first);
    }
  }
  return split;
}

}  // namespace backspike
