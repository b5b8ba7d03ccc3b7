// Generates the task "delay recovery": a teacher with hidden delays turns Poisson input into target traces.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/delay_tasks.hpp>

#include "core/short_number.hpp"
#include "data/tasks/task_events.hpp"

#include <cmath>
#include <limits>
#include <string>

namespace backspike {
namespace {

constexpr auto operation = "delay recovery";
constexpr std::uint64_t teacher_stream = std::numeric_limits<std::uint64_t>::max();  // a sample has its number

void require(const delay_recovery_spec& spec) {
  const auto at_least_one = [](const char* setting, std::uint32_t value) {
    if (value == 0) {
      throw value_error(operation, setting, "0", "at least 1");
    }
  };
  at_least_one("data.delay_recovery.steps", spec.steps);
  at_least_one("data.delay_recovery.inputs", spec.inputs);
  at_least_one("data.delay_recovery.outputs", spec.outputs);
  if (spec.max_delay >= spec.steps) {
    throw value_error(operation, "data.delay_recovery.max_delay", std::to_string(spec.max_delay),
                      "less than the " + std::to_string(spec.steps) + " steps of a sample");
  }
  if (!(spec.tau_m > 0.0)) {
    throw value_error(operation, "data.delay_recovery.tau_m", short_number(spec.tau_m) + " ms", "above 0 ms");
  }
}

/// The targets of one sample, [steps, outputs]: a spike reaches each neuron after the delay of its synapse.
void append_traces(const delay_recovery_spec& spec, const delay_teacher& teacher, std::uint64_t first_row,
                   dataset& data) {
  const std::size_t width = spec.outputs;
  std::vector<double> traces(spec.steps * width, 0.0);
  for (std::size_t t = 0; t < spec.steps; ++t) {
    for (const std::size_t i : data.inputs.spikes.row(first_row + t).channels) {
      for (std::size_t n = 0; n < width; ++n) {
        const std::size_t arrival = t + teacher.delays[i * width + n];
        if (arrival < spec.steps) {
          traces[arrival * width + n] += static_cast<double>(teacher.weights[i * width + n]);
        }
      }
    }
  }
  const double kept = std::exp(-1.0 / spec.tau_m);
  for (std::size_t k = width; k < traces.size(); ++k) {
    traces[k] += kept * traces[k - width];
  }
  data.step_targets.insert(data.step_targets.end(), traces.begin(), traces.end());
}

}  // namespace

delay_teacher make_delay_teacher(const delay_recovery_spec& spec, std::uint64_t seed) {
  require(spec);
  random_stream random(seed, random_purpose::task, teacher_stream);
  delay_teacher teacher;
  for (std::size_t k = 0; k < std::size_t{spec.inputs} * spec.outputs; ++k) {
    const double size = 0.5 + random.uniform();
    teacher.weights.push_back(static_cast<float>(random.below(2) == 0 ? size : -size));
    teacher.delays.push_back(random.below(spec.max_delay + 1));
  }
  return teacher;
}

dataset make_delay_recovery(const delay_recovery_spec& spec, std::uint64_t seed, std::uint64_t first,
                            std::uint32_t samples) {
  const delay_teacher teacher = make_delay_teacher(spec, seed);
  const double probability = step_probability(operation, "data.delay_recovery.rate", spec.rate);
  dataset data;
  data.name = operation;
  data.channels = spec.inputs;
  data.target_width = spec.outputs;
  for (std::uint32_t s = 0; s < samples; ++s) {
    random_stream random(seed, random_purpose::task, first + s);
    for (std::uint32_t t = 0; t < spec.steps; ++t) {
      append_poisson(0, spec.inputs, probability, random, data.inputs.spikes);
      data.inputs.spikes.end_row();
    }
    data.inputs.end_sample();
    append_traces(spec, teacher, data.inputs.sample_rows[s], data);
  }
  return data;
}

}  // namespace backspike
