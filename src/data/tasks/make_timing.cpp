// Generates the task "spike timing": every channel fires once, and the class is the group that fires first.

#include <backspike/core/random.hpp>
#include <backspike/data/tasks/signal_tasks.hpp>

#include "data/tasks/setting_checks.hpp"

#include <vector>

namespace backspike {
namespace {

constexpr auto operation = "spike timing";

/// Steps in which channels fire.
std::uint32_t active_steps(const timing_spec& spec) {
  return static_cast<std::uint32_t>(std::uint64_t{spec.steps} * 2 / 3);
}

void require(const timing_spec& spec) {
  const setting_checks check(operation, "data.timing");
  check.at_least("steps", spec.steps, 3);
  check.even("channels", spec.channels);
  check.require(spec.lead >= 1 && spec.lead < active_steps(spec), "lead", std::to_string(spec.lead),
                "1 to less than the " + std::to_string(active_steps(spec)) + " steps before the silence");
}

void append_sample(const timing_spec& spec, std::uint32_t leader, random_stream& random, events& to) {
  std::vector<std::vector<std::uint32_t>> rows(spec.steps);
  const std::uint32_t half = spec.channels / 2;
  for (std::uint32_t c = 0; c < spec.channels; ++c) {
    const std::uint32_t late = c / half == leader ? 0 : spec.lead;
    rows[late + random.below(active_steps(spec) - spec.lead)].push_back(c);
  }
  for (const auto& row : rows) {
    to.channels.insert(to.channels.end(), row.begin(), row.end());
    to.end_row();
  }
}

}  // namespace

dataset make_timing(const timing_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples) {
  require(spec);
  dataset data;
  data.name = operation;
  data.channels = spec.channels;
  data.class_names = {"first half leads", "second half leads"};
  for (std::uint32_t s = 0; s < samples; ++s) {
    random_stream random(seed, random_purpose::task, first + s);
    const auto leader = static_cast<std::uint32_t>((first + s) % 2);
    append_sample(spec, leader, random, data.inputs.spikes);
    data.inputs.end_sample();
    data.labels.push_back(static_cast<std::int32_t>(leader));
  }
  return data;
}

}  // namespace backspike
