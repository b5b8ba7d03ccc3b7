#pragma once
// A generated task of endless samples as training, validation and test set.

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/data/load.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace backspike {

// Samples of the three parts never meet, and a part's first samples do not depend on how many it has.
inline constexpr std::uint64_t validation_samples = std::uint64_t{1} << 32, test_samples = std::uint64_t{2} << 32;

/// The three parts of a task: `make` generates some samples, `table` is where its settings are, `step_bytes` what a
/// step of a sample takes.
template <class Spec, class Make>
dataset_split generate(const Spec& task, const data_spec& spec, const std::string& table, double step_bytes,
                       const Make& make, const load_progress& progress) {
  const auto some_of = [&](std::uint32_t samples) { return spec.limit > 0 ? std::min(samples, spec.limit) : samples; };
  const auto train = some_of(task.train_samples), validation = some_of(task.validation_samples),
             test = some_of(task.test_samples);
  for (const auto& [samples, name] : {std::pair{train, "train_samples"}, std::pair{test, "test_samples"}}) {
    if (samples == 0) {
      throw value_error(table, "data." + table + "." + name, "0", "at least 1 sample");
    }
  }
  const std::size_t all = std::size_t{train} + validation + test;
  if (const double bytes = static_cast<double>(all) * task.steps * step_bytes;
      bytes > static_cast<double>(available_memory())) {
    throw resource_error(table, static_cast<std::uint64_t>(bytes), available_memory(),
                         "fewer data." + table + ".train_samples or shorter samples need less");
  }
  const auto report = [&](std::size_t done) {
    if (progress) {
      progress("generating samples", done, all);
    }
  };
  dataset_split split;
  report(0);
  split.train = make(0, train);
  report(train);
  split.validation = make(validation_samples, validation);
  report(std::size_t{train} + validation);
  split.test = make(test_samples, test);
  report(all);
  return split;
}

}  // namespace backspike
