// Refuses budgets, settings and samples that an attack cannot take.

#include "robustness/attack/attack_check.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace backspike {
namespace {

void require(bool accepted, const char* setting, double value, const char* range) {
  if (!accepted) {
    throw value_error("attack", setting, fmt::format("{:g}", value), range);
  }
}

void check_settings(const attack_options& o) {
  require(std::isfinite(o.budget) && o.budget >= 0.0, "budget", o.budget, "a finite number from 0 on");
  require(o.steps > 0, "steps", o.steps, "at least 1");
  require(o.restarts > 0, "restarts", o.restarts, "at least 1");
  require(o.step_size >= 0.0 && std::isfinite(o.step_size), "step_size", o.step_size,
          "above 0, over the budget; 0: the attack's own");
  require(o.width > 0.0 && std::isfinite(o.width), "width", o.width, "above 0, over that of the network");
  require(o.encoder_width > 0.0 && std::isfinite(o.encoder_width), "encoder_width", o.encoder_width, "above 0");
  require(o.draws > 0, "draws", o.draws, "at least 1");
  require(o.queries > 0, "queries", o.queries, "at least 1");
}

void check_spikes(const spike_options& o) {
  if (o.changes.empty()) {
    throw value_error("attack", "changes", "none", "at least one of add, remove, shift");
  }
  require(o.reach > 0, "reach", o.reach, "at least 1 step and channel");
  require(o.candidates > 0, "candidates", o.candidates, "at least 1");
}

void check_source(const attack_problem& p) {
  if (p.source != nullptr &&
      (p.source->net.spec().inputs != p.net.spec().inputs || p.source->net.outputs() != p.net.outputs())) {
    throw value_error(
        "attack", "source", fmt::format("{} inputs, {} outputs", p.source->net.spec().inputs, p.source->net.outputs()),
        fmt::format("a network for the same samples: {} inputs, {} outputs", p.net.spec().inputs, p.net.outputs()));
  }
}

void check_space(const attack_info& info, const attack_samples& samples, attack_norm norm) {
  if (info.space == attack_space::values && !samples.values && !samples.data.inputs.spikes.graded()) {
    throw value_error("attack", "attack", std::string(info.name),
                      "an attack on spikes: these samples are spikes, and no encoder made them from values");
  }
  if (info.space == attack_space::values && norm == attack_norm::l0) {
    throw value_error("attack", "norm", "l0", "linf, l2 or l1 for an attack on values");
  }
  if (info.space == attack_space::spikes && samples.data.inputs.spikes.graded()) {
    throw value_error("attack", "attack", std::string(info.name),
                      "an attack on values: these samples are graded input, not spikes");
  }
}

void check_values(const encoded_values& raw) {
  const auto wrong = std::ranges::find_if(raw.values, [](float x) { return !(x >= 0.0f && x <= 1.0f); });
  if (wrong != raw.values.end()) {
    const auto at = static_cast<std::size_t>(wrong - raw.values.begin());
    throw value_error("attack", fmt::format("sample {}, value {}", at / raw.width(), at % raw.width()),
                      fmt::format("{:g}", *wrong), "0 to 1");
  }
}

void check_classes(const attack_problem& problem, const dataset& data, std::optional<std::int32_t> target) {
  const target_set& of = data.targets(problem.net.output(0).target);
  if (!is_classification(problem.objective.loss) || of.labels.empty()) {
    throw value_error("attack", "samples", "without one label each", "samples of known classes, and a loss of classes");
  }
  if (target && (*target < 0 || static_cast<std::size_t>(*target) >= of.classes())) {
    throw value_error("attack", "target", std::to_string(*target), fmt::format("a class: 0 to {}", of.classes() - 1));
  }
}

}  // namespace

void check_attack(const attack_info& info, const attack_problem& problem, const attack_samples& samples,
                  const attack_options& options) {
  check_settings(options);
  check_spikes(options.spikes);
  if (samples.data.size() == 0) {
    throw value_error("attack", "samples", "none", "at least one");
  }
  check_source(problem);
  check_space(info, samples, options.norm);
  check_classes(problem, samples.data, options.target);
  if (samples.values) {
    check_values(*samples.values);
  }
}

}  // namespace backspike
