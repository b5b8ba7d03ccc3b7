// Generates the task "regression waveforms": sines, a chirp and filtered noise, carried by noisy spikes, to be told
// some steps later.

#include <backspike/core/random.hpp>
#include <backspike/data/tasks/signal_tasks.hpp>

#include "data/tasks/setting_checks.hpp"
#include "data/tasks/task_events.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace backspike {
namespace {

constexpr auto operation = "regression waveforms";
constexpr std::uint32_t signals = 3;
constexpr double slow_hz = 0.5;  // least frequency of sines and chirp
constexpr double turn = 2.0 * std::numbers::pi;

using signal = std::vector<double>;

void require(const waveforms_spec& spec) {
  const setting_checks check(operation, "data.waveforms");
  check.at_least("steps", spec.steps, 1);
  check.even("neurons", spec.neurons);
  check.require(spec.modulation >= 0.0 && spec.modulation <= 1.0, "modulation", short_number(spec.modulation),
                "0 to 1: no rate is below 0");
  check.require(spec.settle < spec.steps, "settle", std::to_string(spec.settle),
                "less than the " + std::to_string(spec.steps) + " steps of a sample");
  check.positive("sines_hz", spec.sines_hz);
  check.positive("chirp_hz", spec.chirp_hz);
  check.positive("noise_hz", spec.noise_hz);
}

signal scaled(signal x) {
  double largest = 0.0;
  for (const double v : x) {
    largest = std::max(largest, std::fabs(v));
  }
  for (double& v : x) {
    v /= largest > 0.0 ? largest : 1.0;
  }
  return x;
}

signal sines(std::size_t steps, double top_hz, random_stream& random) {
  signal x(steps, 0.0);
  const double low_hz = std::min(slow_hz, top_hz);
  for (int k = 0; k < 2; ++k) {
    const double hz = low_hz + (top_hz - low_hz) * random.uniform(), phase = turn * random.uniform(),
                 amplitude = 0.5 + random.uniform();
    for (std::size_t t = 0; t < steps; ++t) {
      x[t] += amplitude * std::sin(phase + turn * hz * static_cast<double>(t) / 1000.0);
    }
  }
  return x;
}

signal chirp(std::size_t steps, double top_hz, random_stream& random) {
  signal x(steps);
  double phase = turn * random.uniform();
  const bool rises = random.below(2) == 0;
  for (std::size_t t = 0; t < steps; ++t) {
    const double way = static_cast<double>(rises ? t : steps - 1 - t) / static_cast<double>(steps);
    x[t] = std::sin(phase);
    phase += turn * (slow_hz + (top_hz - slow_hz) * way) / 1000.0;
  }
  return x;
}

signal filtered_noise(std::size_t steps, double corner_hz, random_stream& random) {
  const double kept = std::exp(-turn * corner_hz / 1000.0);
  const auto warm_up = static_cast<std::size_t>(2000.0 / corner_hz);  // forgets the start at rest
  signal x;
  double once = 0.0, twice = 0.0;
  for (std::size_t t = 0; t < warm_up + steps; ++t) {
    once = kept * once + random.normal();
    twice = kept * twice + once;
    if (t >= warm_up) {
      x.push_back(twice);
    }
  }
  return x;
}

/// Of the steps from `lag` before the first one on: a value is told `lag` steps after it was.
std::vector<signal> make_signals(const waveforms_spec& spec, random_stream& random) {
  const std::size_t steps = std::size_t{spec.steps} + spec.lag;
  std::vector<signal> all;
  all.push_back(scaled(sines(steps, spec.sines_hz, random)));
  all.push_back(scaled(chirp(steps, spec.chirp_hz, random)));
  all.push_back(scaled(filtered_noise(steps, spec.noise_hz, random)));
  return all;
}

void append_sample(const waveforms_spec& spec, double probability, random_stream& random, dataset& data) {
  const auto all = make_signals(spec, random);
  const std::uint32_t half = spec.neurons / 2;
  for (std::uint32_t t = 0; t < spec.steps; ++t) {
    for (std::uint32_t k = 0; k < signals; ++k) {
      const double change = probability * spec.modulation * all[k][t + spec.lag];
      const std::uint32_t first = k * spec.neurons;
      append_poisson(first, first + half, probability + change, random, data.inputs.spikes);
      append_poisson(first + half, first + spec.neurons, probability - change, random, data.inputs.spikes);
      data.step_targets.push_back(static_cast<float>(all[k][t]));
    }
    data.inputs.spikes.end_row();
    data.step_weights.push_back(t < spec.settle ? 0.0F : 1.0F);
  }
  data.inputs.end_sample();
}

}  // namespace

dataset make_waveforms(const waveforms_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples) {
  require(spec);
  const double probability = step_probability(operation, "data.waveforms.rate", spec.rate);
  step_probability(operation, "data.waveforms.rate", spec.rate * (1.0 + spec.modulation));  // at the signal's peak
  dataset data;
  data.name = operation;
  data.channels = signals * spec.neurons;
  data.target_width = signals;
  for (std::uint32_t s = 0; s < samples; ++s) {
    random_stream random(seed, random_purpose::task, first + s);
    append_sample(spec, probability, random, data);
  }
  return data;
}

}  // namespace backspike
