// Loads the generated tasks of the e-prop paper: pattern generation and evidence accumulation.

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/tasks/tasks.hpp>

#include "data/tasks/generate_parts.hpp"
#include "io/load/sources.hpp"

#include <algorithm>
#include <string>

namespace backspike {
namespace {

std::uint32_t some_of(std::uint32_t trials, const data_spec& spec, const char* setting) {
  if (trials == 0) {
    throw value_error("evidence accumulation", setting, "0", "at least 1 trial");
  }
  return spec.limit > 0 ? std::min(trials, spec.limit) : trials;
}

void require_memory(const evidence_spec& e) {
  const double steps = double{1} * e.cues * (double{1} * e.gap_ms + e.cue_ms) + e.delay_ms + e.recall_ms;
  const double spikes = e.group * (e.noise_rate * steps + e.rate * (double{1} * e.cues * e.cue_ms + e.recall_ms)) / 1e3;
  const double trials = double{1} * e.train_trials + e.validation_trials + e.test_trials;
  const double bytes = trials * (12.0 * steps + 4.0 * spikes);  // an offset and a weight a step, a channel a spike
  if (bytes > static_cast<double>(available_memory())) {
    throw resource_error("evidence accumulation", static_cast<std::uint64_t>(bytes), available_memory(),
                         "fewer data.evidence.train_trials or shorter trials need less");
  }
}

}  // namespace

dataset_split load_pattern(const data_spec& spec, std::uint64_t seed, const load_progress&) {
  const auto one = make_pattern(spec.pattern, seed);
  return {one, one, one};  // the task is to reproduce one pattern: there is nothing to generalise to
}

dataset_split load_evidence(const data_spec& spec, std::uint64_t seed, const load_progress& progress) {
  const auto& e = spec.evidence;
  const auto train = some_of(e.train_trials, spec, "data.evidence.train_trials");
  const auto validation = spec.limit > 0 ? std::min(e.validation_trials, spec.limit) : e.validation_trials;
  const auto test = some_of(e.test_trials, spec, "data.evidence.test_trials");
  require_memory(e);
  const auto report = [&](std::size_t done) {
    if (progress) {
      progress("generating trials", done, std::size_t{train} + validation + test);
    }
  };
  dataset_split split;
  report(0);
  split.train = make_evidence(e, seed, 0, train);
  report(train);
  split.validation = make_evidence(e, seed, validation_samples, validation);
  report(std::size_t{train} + validation);
  split.test = make_evidence(e, seed, test_samples, test);
  report(std::size_t{train} + validation + test);
  return split;
}

}  // namespace backspike
