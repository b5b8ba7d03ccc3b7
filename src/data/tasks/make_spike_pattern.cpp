// Generates the task "spike pattern": frozen input spikes with noise, and a raster of spikes to write, random or from a
// picture.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/spike_pattern.hpp>

#include "data/tasks/task_events.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace backspike {
namespace {

constexpr auto operation = "spike pattern";
// Samples count up from 0.
constexpr std::uint64_t input_stream = std::numeric_limits<std::uint64_t>::max(), target_stream = input_stream - 1;

[[noreturn]] void refuse(const char* setting, const std::string& value, const std::string& accepted) {
  throw value_error(operation, std::string("data.spike_pattern.") + setting, value, accepted);
}

void require(const spike_pattern_spec& spec) {
  for (const auto& [count, name] : {std::pair{spec.steps, "steps"}, std::pair{spec.inputs, "inputs"},
                                    std::pair{spec.outputs, "outputs"}, std::pair{spec.distance, "distance"}}) {
    if (count == 0) {
      refuse(name, "0", "at least 1");
    }
  }
  if (spec.onset >= spec.steps) {
    refuse("onset", std::to_string(spec.onset), "fewer than the " + std::to_string(spec.steps) + " steps");
  }
  if (!(spec.input_jitter >= 0.0 && spec.input_jitter <= 1e6)) {
    refuse("input_jitter", std::to_string(spec.input_jitter) + " ms", "0 to 1e6 ms");
  }
  if (!(spec.deletion >= 0.0 && spec.deletion <= 1.0)) {
    refuse("deletion", std::to_string(spec.deletion), "0 to 1, a probability");
  }
  step_probability(operation, "data.spike_pattern.rate", spec.rate);
  step_probability(operation, "data.spike_pattern.extra_rate", spec.extra_rate);
}

/// Steps in which the last of `count` spikes may be, were the others not in its way.
std::uint64_t room_for(const spike_pattern_spec& spec, std::uint64_t count) {
  const std::uint64_t steps = spec.steps - spec.onset, taken = (count - 1) * spec.distance;
  return steps > taken ? steps - taken : 0;
}

/// Sorted draws, each moved by what those before it take: uniform over all ways to keep the distance.
void append_train(const spike_pattern_spec& spec, std::uint32_t neuron, std::uint32_t count, random_stream& random,
                  std::vector<float>& raster) {
  std::vector<std::uint64_t> times(count);
  for (auto& t : times) {
    t = random.below(static_cast<std::uint32_t>(room_for(spec, count)));
  }
  std::ranges::sort(times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    raster[(spec.onset + times[i] + i * spec.distance) * spec.outputs + neuron] = 1.0F;
  }
}

/// Mean darkness of the part of a picture that step `t` of `steps` and neuron `n` of `neurons` (from the top) stand
/// for; at least one of its dots.
double darkness_of(const picture& drawn, std::size_t n, std::size_t neurons, std::size_t t, std::size_t steps) {
  const auto part = [](std::size_t dots, std::size_t i, std::size_t count) {
    const std::size_t first = dots * i / count;
    return std::pair{first, std::max(first + 1, dots * (i + 1) / count)};
  };
  const auto [top, bottom] = part(drawn.height, n, neurons);
  const auto [left, right] = part(drawn.width, t, steps);
  double sum = 0.0;
  for (std::size_t r = top; r < bottom; ++r) {
    for (std::size_t c = left; c < right; ++c) {
      sum += static_cast<double>(drawn.at(r, c));
    }
  }
  return sum / static_cast<double>((bottom - top) * (right - left));
}

events frozen_input(const spike_pattern_spec& spec, std::uint64_t seed) {
  const double probability = step_probability(operation, "data.spike_pattern.rate", spec.rate);
  random_stream random(seed, random_purpose::task, input_stream);
  events all;
  for (std::uint32_t t = 0; t < spec.steps; ++t) {
    append_poisson(0, spec.inputs, probability, random, all);
    all.end_row();
  }
  return all;
}

/// Draws its numbers whatever the settings are, so that no setting changes what another one does.
void append_repeat(const spike_pattern_spec& spec, const events& frozen, random_stream random, events& to) {
  std::vector<events> rows(spec.steps);
  for (std::uint32_t t = 0; t < spec.steps; ++t) {
    for (const std::uint32_t c : frozen.row(t).channels) {
      const bool kept = random.uniform() >= spec.deletion;
      const double moved = t + std::round(spec.input_jitter * random.normal());
      if (kept && moved >= 0.0 && moved < spec.steps) {
        rows[static_cast<std::size_t>(moved)].channels.push_back(c);
      }
    }
  }
  const double extra = step_probability(operation, "data.spike_pattern.extra_rate", spec.extra_rate);
  for (auto& row : rows) {
    if (extra > 0.0) {
      append_poisson(0, spec.inputs, extra, random, row);
    }
    std::ranges::sort(row.channels);
    row.channels.erase(std::unique(row.channels.begin(), row.channels.end()), row.channels.end());
    to.channels.insert(to.channels.end(), row.channels.begin(), row.channels.end());
    to.end_row();
  }
}

}  // namespace

std::vector<float> random_raster(const spike_pattern_spec& spec, std::uint64_t seed) {
  require(spec);
  if (spec.spikes == 0) {
    refuse("spikes", "0", "at least 1");
  }
  const std::uint32_t most = (spec.spikes - 1) / spec.outputs + 1;  // of a neuron
  if (room_for(spec, most) == 0) {
    refuse("spikes", std::to_string(spec.spikes),
           "fewer: " + std::to_string(most) + " of a neuron have no room in " +
               std::to_string(spec.steps - spec.onset) + " steps, " + std::to_string(spec.distance) + " apart");
  }
  std::vector<float> raster(std::size_t{spec.steps} * spec.outputs);
  random_stream random(seed, random_purpose::task, target_stream);
  for (std::uint32_t n = 0; n < spec.outputs; ++n) {
    append_train(spec, n, spec.spikes / spec.outputs + (n < spec.spikes % spec.outputs ? 1 : 0), random, raster);
  }
  return raster;
}

std::vector<float> raster_of(const picture& drawn, const spike_pattern_spec& spec) {
  require(spec);
  std::vector<float> raster(std::size_t{spec.steps} * spec.outputs);
  const std::size_t steps = spec.steps - spec.onset;
  bool any = false;
  for (std::size_t n = 0; n < spec.outputs; ++n) {
    double sum = 0.5;
    for (std::size_t t = 0; t < steps; ++t) {
      sum += darkness_of(drawn, spec.outputs - 1 - n, spec.outputs, t, steps) / spec.distance;
      if (sum >= 1.0 - 1e-9) {  // ten tenths are less than 1 in floating point
        sum -= 1.0;
        any = true;
        raster[(spec.onset + t) * spec.outputs + n] = 1.0F;
      }
    }
  }
  if (!any) {
    refuse("picture", "so bright that no neuron spikes",
           "one with a row that is dark for half of `distance` or longer");
  }
  return raster;
}

dataset make_spike_pattern(const spike_pattern_spec& spec, std::span<const float> raster, std::uint64_t seed,
                           std::uint64_t first, std::uint32_t samples) {
  require(spec);
  const events frozen = frozen_input(spec, seed);
  dataset data;
  data.name = operation;
  data.channels = spec.inputs;
  data.target_width = spec.outputs;
  for (std::uint32_t s = 0; s < samples; ++s) {
    append_repeat(spec, frozen, {seed, random_purpose::task, first + s}, data.inputs.spikes);
    data.inputs.end_sample();
    data.step_targets.insert(data.step_targets.end(), raster.begin(), raster.end());
  }
  return data;
}

}  // namespace backspike
