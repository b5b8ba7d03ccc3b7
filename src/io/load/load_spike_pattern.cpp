// Loads the task in which a network learns to write a raster: random, a text, or a picture from a file.

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/tasks/spike_pattern.hpp>

#include "data/tasks/generate_parts.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <string>

namespace backspike {
namespace {

void require_memory(const spike_pattern_spec& task, double samples) {
  const double spikes = task.inputs * (task.rate + task.extra_rate) / 1e3;  // of a step
  const double bytes = samples * task.steps * (8.0 + 4.0 * spikes + 4.0 * task.outputs);
  if (bytes > static_cast<double>(available_memory())) {
    throw resource_error("spike pattern", static_cast<std::uint64_t>(bytes), available_memory(),
                         "fewer data.spike_pattern.train_samples, steps or outputs need less");
  }
}

std::vector<float> target_of(const spike_pattern_spec& task, std::uint64_t seed) {
  if (!task.text.empty() && !task.picture.empty()) {
    throw value_error("spike pattern", "data.spike_pattern.text and picture", task.text + " and " + task.picture,
                      "one of them");
  }
  if (!task.text.empty()) {
    return raster_of(draw_text(task.text), task);
  }
  return task.picture.empty() ? random_raster(task, seed) : raster_of(read_picture(task.picture), task);
}

}  // namespace

dataset_split load_spike_pattern(const data_spec& spec, std::uint64_t seed, const load_progress&) {
  const auto& task = spec.spike_pattern;
  const auto some_of = [&](std::uint32_t samples) { return spec.limit > 0 ? std::min(samples, spec.limit) : samples; };
  for (const auto& [samples, name] :
       {std::pair{task.train_samples, "train_samples"}, std::pair{task.test_samples, "test_samples"}}) {
    if (samples == 0) {
      throw value_error("spike pattern", std::string("data.spike_pattern.") + name, "0", "at least 1 sample");
    }
  }
  const auto train = some_of(task.train_samples), validation = some_of(task.validation_samples),
             test = some_of(task.test_samples);
  require_memory(task, double{1} * train + validation + test);
  const auto raster = target_of(task, seed);
  return {make_spike_pattern(task, raster, seed, 0, train),
          make_spike_pattern(task, raster, seed, validation_samples, validation),
          make_spike_pattern(task, raster, seed, test_samples, test)};
}

}  // namespace backspike
