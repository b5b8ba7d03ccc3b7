// Generates the task "filter recovery": channels of Poisson spikes, each through a double-exponential filter with
// hidden values.

#include <backspike/cell/double_exponential.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/tasks/signal_tasks.hpp>

#include "data/tasks/setting_checks.hpp"
#include "data/tasks/task_events.hpp"

#include <limits>
#include <string>
#include <vector>

namespace backspike {
namespace {

constexpr auto operation = "filter recovery";
constexpr std::uint64_t filter_stream = std::numeric_limits<std::uint64_t>::max();  // a sample has its number
constexpr double dt = 1.0;                                                          // [ms]

void require_order(const setting_checks& check, const char* low_name, double low, const char* high_name, double high) {
  check.positive(low_name, low);
  check.require(high >= low, high_name, short_number(high), "at least " + short_number(low) + ", the least one");
}

void require(const psp_spec& spec) {
  const setting_checks check(operation, "data.psp");
  check.at_least("steps", spec.steps, 1);
  check.at_least("channels", spec.channels, 1);
  require_order(check, "rise_low", spec.rise_low, "rise_high", spec.rise_high);
  require_order(check, "decay_low", spec.decay_low, "decay_high", spec.decay_high);
  require_order(check, "amplitude_low", spec.amplitude_low, "amplitude_high", spec.amplitude_high);
  check.require(
      spec.decay_low > spec.rise_high, "decay_low", short_number(spec.decay_low) + " ms",
      "above rise_high, " + short_number(spec.rise_high) + " ms: the filter is the same with the two exchanged");
  check.require(spec.noise >= 0.0, "noise", short_number(spec.noise), "at least 0");
}

using filter = double_exponential;

struct filter_bank {
  std::vector<filter::constants<double>> constants;
  std::vector<filter::state<double>> states;
};

filter_bank build(const std::vector<planted_values>& hidden) {
  filter_bank bank;
  for (std::size_t c = 0; c < hidden[0].values.size(); ++c) {
    const auto value = [&](std::size_t k) { return static_cast<double>(hidden[k].values[c]); };
    bank.constants.push_back(filter::prepare<double>({value(0), value(1), value(2)}, dt));
  }
  bank.states.assign(bank.constants.size(), {0.0, 0.0});
  return bank;
}

struct no_spike {};

void append_sample(const psp_spec& spec, filter_bank bank, double probability, random_stream& random, dataset& data) {
  for (std::uint32_t t = 0; t < spec.steps; ++t) {
    const auto before = data.inputs.spikes.size();
    append_poisson(0, spec.channels, probability, random, data.inputs.spikes);
    std::vector<double> current(spec.channels, 0.0);
    for (auto k = before; k < data.inputs.spikes.size(); ++k) {
      current[data.inputs.spikes.channels[k]] = 1.0;
    }
    for (std::uint32_t c = 0; c < spec.channels; ++c) {
      const double y = filter::step(bank.states[c], bank.constants[c], current[c], no_spike{});
      data.step_targets.push_back(static_cast<float>(y + (spec.noise > 0.0 ? spec.noise * random.normal() : 0.0)));
    }
    data.inputs.spikes.end_row();
  }
  data.inputs.end_sample();
}

}  // namespace

std::vector<planted_values> make_psp_filters(const psp_spec& spec, std::uint64_t seed) {
  require(spec);
  random_stream random(seed, random_purpose::task, filter_stream);
  const auto between = [&](double low, double high) { return low + (high - low) * random.uniform(); };
  std::vector<planted_values> hidden{{"tau_rise", {}}, {"tau_decay", {}}, {"amplitude", {}}};
  for (std::uint32_t c = 0; c < spec.channels; ++c) {
    hidden[0].values.push_back(static_cast<float>(between(spec.rise_low, spec.rise_high)));
    hidden[1].values.push_back(static_cast<float>(between(spec.decay_low, spec.decay_high)));
    const double size = between(spec.amplitude_low, spec.amplitude_high);
    hidden[2].values.push_back(static_cast<float>(random.below(2) == 0 ? size : -size));
  }
  return hidden;
}

dataset make_psp(const psp_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples) {
  dataset data;
  data.planted = make_psp_filters(spec, seed);
  const double probability = step_probability(operation, "data.psp.rate", spec.rate);
  const filter_bank at_rest = build(data.planted);
  data.name = operation;
  data.channels = spec.channels;
  data.target_width = spec.channels;
  for (std::uint32_t s = 0; s < samples; ++s) {
    random_stream random(seed, random_purpose::task, first + s);
    append_sample(spec, at_rest, probability, random, data);
  }
  return data;
}

}  // namespace backspike
