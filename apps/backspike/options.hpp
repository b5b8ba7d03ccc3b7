#pragma once
// Options that several commands share.

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/complexity.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/experiment/rounding.hpp>
#include <backspike/experiment/task_figures.hpp>
#include <backspike/experiment/trained.hpp>

#include "terminal.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace backspike::app {

/// EXPERIMENT.toml with what overrides it.
struct experiment_options {
  std::string path;
  std::vector<std::string> overrides;  // "dotted.key=value"
  std::optional<std::uint64_t> seed;

  void add_to(CLI::App& command);
  experiment load() const;
};

/// CHECKPOINT and the data to run it on.
struct checkpoint_options {
  std::string path;
  std::string data;                    // another data.path
  std::vector<std::string> overrides;  // of data.* only: the rest belongs to the checkpoint
  std::string split = "test";
  std::size_t threads = 0;
  bool quiet = false;

  void add_to(CLI::App& command);
  /// The data settings of the checkpoint with the overrides. Throws value_error for other keys.
  data_spec data_settings(const trained_network& trained) const;
  /// The split asked for, read and encoded, and checked against the network.
  dataset load_split(const trained_network& trained, work_display& display) const;
};

struct split_result {
  dataset data;
  evaluation measured;
  complexity energy;
  std::vector<task_figure> figures;
  std::optional<rounded_result> rounded;  // if it was asked for and the network has delays
};

/// The checkpoint's network on the split asked for, and once more with its delays rounded if wanted; `what` names the
/// work on the display.
split_result run_on_split(const checkpoint_options& o, const std::string& what, bool with_rounded = false);

/// -s, --set KEY=VALUE, any number of times.
void add_set_option(CLI::App& command, std::vector<std::string>& overrides, const std::string& help);
void add_threads_option(CLI::App& command, std::size_t& threads);
/// --threads of the command that was given; 0: every processor.
std::size_t threads_asked_for(const CLI::App& program);

/// load_data with its progress on the display.
dataset_split load_with_progress(const data_spec& spec, std::uint64_t seed, work_display& display);

}  // namespace backspike::app
