#pragma once
// One file says everything that a run depends on: data, or a world to act in; network, learning rule, objective,
// optimiser, seed, outputs.

#include <backspike/data/data_spec.hpp>
#include <backspike/experiment/agent_spec.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/hardware/device_spec.hpp>
#include <backspike/metric/raster_metrics.hpp>
#include <backspike/network/network_spec.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/optimise/optimiser_spec.hpp>
#include <backspike/robustness/defence_spec.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace backspike {

struct train_spec {
  std::uint32_t epochs = 10;
  std::uint32_t batch = 256;        // samples per optimiser step
  std::uint32_t eval_batch = 1000;  // samples evaluated at a time
  bool operator==(const train_spec&) const = default;
};

struct output_spec {
  std::string directory = "runs";    // a run without --out writes to directory/NAME
  std::uint32_t report_samples = 3;  // samples shown as rasters in the report
  bool operator==(const output_spec&) const = default;
};

struct experiment {
  std::string name;  // the file's stem unless given
  std::uint64_t seed = 1;
  data_spec data;
  environment_spec environment;  // with a name: an agent acts in it, and data, rule, objective and train say nothing
  agent_spec agent;
  network_spec network;  // inputs and dt are filled from the data
  rule_spec rule;
  objective_spec objective;
  defence_spec adversarial;  // objective.adversarial: what training learns from in the place of its samples
  optimiser_spec optimiser;
  train_spec train;
  hardware_spec hardware;
  raster_metrics_spec metrics;
  output_spec output;
  /// Where the keys of outputs stand that its file has, "FILE:LINE" by the key with the number of the output: for what
  /// only the data bring to light. No part of what the experiment says.
  std::map<std::string, std::string> places{};

  bool acts() const { return !environment.name.empty(); }
};

/// Reads and checks an experiment. `overrides` are "dotted.key=value" texts, applied in order after the file. A
/// relative path of data is one from the file's folder, in an override from the current folder; the experiment has it
/// absolute, so that whoever reads it later, from wherever, means the same data. Throws config_error (unknown key with
/// the nearest spelling, wrong type, value out of range with what is accepted).
experiment load_experiment(const std::string& path, const std::vector<std::string>& overrides = {});

/// The same from text; `origin` stands in messages where a file's path would. Relative paths start at the current
/// folder.
experiment parse_experiment(const std::string& text, const std::string& origin,
                            const std::vector<std::string>& overrides = {});

/// The resolved experiment as TOML text: every key with its value. parse_experiment reads it back to an equal one.
/// Throws value_error where it would not: a seed above largest_seed, a text beyond its limits (docs/border.md).
std::string to_toml(const experiment& e);

/// Every key with its type, unit, default, range and meaning, as printed by `backspike schema`.
std::string schema_text();

/// The same as JSON, for programs: objects "experiment", "layer", "connection", "group" and "term" (sections of keys),
/// "parameter" (the keys of a cell's parameter written as a table), "cells", and "connections" (kinds with their
/// settings). A bound that is null is none; a key whose default is null is absent unless it is given.
std::string schema_json();

}  // namespace backspike
