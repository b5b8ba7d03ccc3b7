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
  std::string data;  // a file or folder, all of which is taken; empty: a split of the experiment's data
  std::vector<std::string> overrides;  // of data.* only: the rest belongs to the checkpoint
  std::optional<std::string> split;    // none: the test set
  std::size_t threads = 0;
  bool quiet = false;

  void add_to(CLI::App& command);
  /// The data settings of the checkpoint with the overrides. Throws value_error for other keys.
  data_spec data_settings(const trained_network& trained) const;
  /// All of `data`, or the split asked for, read and encoded, with the network's channels and classes.
  dataset load(const trained_network& trained, work_display& display) const;
  /// What was loaded, in a word: "test", or the path of the data.
  std::string shown_data() const { return data.empty() ? split.value_or("test") : data; }

 private:
  dataset load_split(const trained_network& trained, work_display& display) const;
  dataset load_given(const trained_network& trained, work_display& display) const;
};

struct split_result {
  dataset data;
  evaluation measured;
  complexity energy;
  std::vector<task_figure> figures;
  std::optional<rounded_result> rounded;  // if the network has delays
};

/// The checkpoint's network on the data asked for, and once more with its delays rounded if it has some. Throws
/// value_error if the data have nothing to compare with.
split_result measure_checkpoint(const checkpoint_options& o);

/// What a network says to data, with or without labels, whose classes are the network's.
struct said {
  dataset data;
  predictions kept;
  network_spec network;  // that said it: its outputs
};
said ask_checkpoint(const checkpoint_options& o);

/// -s, --set KEY=VALUE, any number of times.
void add_set_option(CLI::App& command, std::vector<std::string>& overrides, const std::string& help);
void add_threads_option(CLI::App& command, std::size_t& threads);
/// --threads of the command that was given; 0: every processor.
std::size_t threads_asked_for(const CLI::App& program);

/// load_data with its progress on the display.
dataset_split load_with_progress(const data_spec& spec, std::uint64_t seed, work_display& display);

}  // namespace backspike::app
