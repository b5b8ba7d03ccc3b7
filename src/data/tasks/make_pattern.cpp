// Generates the task "pattern generation" of Bellec et al. 2020: one input that never changes, and curves to follow.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/tasks.hpp>

#include "data/tasks/task_events.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

namespace backspike {
namespace {

constexpr auto operation = "pattern generation";
constexpr std::array periods{1.0, 2.0, 3.0, 5.0};  // in the whole pattern
constexpr std::uint64_t input_stream = 0;          // curve k has the stream 1 + k

void require(const pattern_spec& spec) {
  const auto refuse = [](const char* setting, std::uint32_t value, const std::string& accepted) {
    throw value_error(operation, setting, std::to_string(value), accepted);
  };
  if (spec.steps < 2) {
    refuse("data.pattern.steps", spec.steps, "at least 2");
  }
  if (spec.inputs == 0) {
    refuse("data.pattern.inputs", spec.inputs, "at least 1");
  }
  if (spec.outputs == 0) {
    refuse("data.pattern.outputs", spec.outputs, "at least 1");
  }
  if (spec.groups == 0 || spec.groups > std::min(spec.inputs, spec.steps)) {
    refuse("data.pattern.groups", spec.groups,
           "1 to " + std::to_string(std::min(spec.inputs, spec.steps)) + ", so that each has an input and a step");
  }
}

/// The first input of a group, and the first step of its turn: equal parts as far as whole numbers allow.
std::uint32_t share(std::uint32_t whole, std::uint32_t groups, std::uint32_t group) {
  return static_cast<std::uint32_t>(std::uint64_t{whole} * group / groups);
}

void append_input(const pattern_spec& spec, std::uint64_t seed, dataset& data) {
  const double probability = step_probability(operation, "data.pattern.rate", spec.rate);
  random_stream random(seed, random_purpose::task, input_stream);
  for (std::uint32_t g = 0; g < spec.groups; ++g) {
    for (auto t = share(spec.steps, spec.groups, g); t < share(spec.steps, spec.groups, g + 1); ++t) {
      append_poisson(share(spec.inputs, spec.groups, g), share(spec.inputs, spec.groups, g + 1), probability, random,
                     data.inputs.spikes);
      data.inputs.spikes.end_row();
    }
  }
  data.inputs.end_sample();
}

std::vector<double> curve(std::uint32_t steps, std::uint64_t seed, std::uint32_t k) {
  random_stream random(seed, random_purpose::task, 1 + k);
  std::vector<double> values(steps, 0.0);
  for (const double period : periods) {
    const double amplitude = 0.5 + 1.5 * random.uniform(), phase = 2.0 * std::numbers::pi * random.uniform();
    for (std::uint32_t t = 0; t < steps; ++t) {
      values[t] += amplitude * std::sin(phase + 2.0 * std::numbers::pi * period * t / (steps - 1));
    }
  }
  const double start = values.front();
  double largest = 1e-6;  // the authors' guard: a curve of two steps is flat
  for (double& v : values) {
    v -= start;
    largest = std::max(largest, std::fabs(v));
  }
  for (double& v : values) {
    v /= largest;
  }
  return values;
}

}  // namespace

dataset make_pattern(const pattern_spec& spec, std::uint64_t seed) {
  require(spec);
  dataset data;
  data.name = operation;
  data.channels = spec.inputs;
  data.target_width = spec.outputs;
  append_input(spec, seed, data);
  data.step_targets.resize(std::size_t{spec.steps} * spec.outputs);
  for (std::uint32_t k = 0; k < spec.outputs; ++k) {
    const auto values = curve(spec.steps, seed, k);
    for (std::uint32_t t = 0; t < spec.steps; ++t) {
      data.step_targets[std::size_t{t} * spec.outputs + k] = static_cast<float>(values[t]);
    }
  }
  return data;
}

}  // namespace backspike
