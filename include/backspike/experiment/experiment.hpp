#pragma once
// One file says everything that a run depends on: data, network, learning rule, objective, optimiser, seed, outputs.

#include <backspike/data/event_spec.hpp>
#include <backspike/data/tasks/delay_task_spec.hpp>
#include <backspike/data/tasks/signal_task_spec.hpp>
#include <backspike/data/tasks/spike_pattern_spec.hpp>
#include <backspike/data/tasks/task_spec.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/metric/raster_metrics.hpp>
#include <backspike/network/network_spec.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

enum class data_source {
  fashion_mnist,
  idx,
  wav_digits,
  spike_hdf5,
  ecg_qtdb,
  pattern_generation,
  spike_pattern,
  evidence_accumulation,
  delay_recovery,
  coincidence,
  regression_waveforms,
  psp_readout,
  spike_timing,
  mackey_glass,
  none  // a network that learned from arrays: evaluate and predict are told their data
};
enum class encoder_kind { latency, poisson, current, delta };

/// Turns values in [0, 1] (pixels) into spikes or graded input; see data/encode.hpp for the equations.
struct encoder_spec {
  encoder_kind kind = encoder_kind::latency;
  std::uint32_t steps = 40;  // [steps] length of every encoded sample
  double tau = 20.0;         // latency: time constant of the charging pixel [ms]
  double threshold = 0.2;    // latency: values up to this never spike; delta: change that makes a spike
  double rate = 100.0;       // poisson: spikes per second at value 1 [Hz]
  double gain = 1.0;         // current: amplitude of value 1
  double dt = 1.0;           // [ms] width of one step
  bool operator==(const encoder_spec&) const = default;
};

/// The auditory front end for recordings; see data/audio.hpp for the stages.
struct audio_spec {
  std::uint32_t channels = 32;    // bands of the mel filter bank
  double low_hz = 100.0;          // centre of the lowest band [Hz]
  double high_hz = 3800.0;        // centre of the highest band [Hz]
  double window_ms = 25.0;        // analysis window [ms]
  double step_ms = 10.0;          // one time step of the network [ms]
  double equalisation = 0.5;      // 0: bands keep their long-term levels, 1: each is brought to the same level
  double compression = 0.3;       // exponent of the hair-cell-like power law
  double adaptation = 0.5;        // share of the recent level that short-term adaptation subtracts
  double adaptation_ms = 60.0;    // time constant of the short-term adaptation [ms]
  std::uint32_t thresholds = 4;   // channels per band, each with a threshold of its own
  double lowest_threshold = 0.1;  // a loudness of 1 is that of the mean level
  double highest_threshold = 0.9;
  bool operator==(const audio_spec&) const = default;
};

struct data_spec {
  data_source source = data_source::fashion_mnist;
  std::string path;              // folder or file, absolute once read; empty: where the package installs it
  std::string test_path;         // spike_hdf5: the file of the test set; empty: hold out by `held_out_speaker` or share
  std::uint32_t limit = 0;       // 0: everything; else only the first n samples of each split (for a quick try)
  double validation = 0.1;       // share of the training set carved off for every choice made
  std::string held_out_speaker;  // name of the speaker that is the whole test set; empty: the official split
  encoder_spec encoder;
  audio_spec audio;
  pattern_spec pattern;
  spike_pattern_spec spike_pattern;
  evidence_spec evidence;
  delay_recovery_spec delay_recovery;
  coincidence_spec coincidence;
  waveforms_spec waveforms;
  psp_spec psp;
  timing_spec timing;
  mackey_glass_spec mackey_glass;
  double bin_ms = 10.0;      // spike_hdf5: width of one step [ms]
  double duration_ms = 0.0;  // spike_hdf5: spikes after this are dropped; 0: each sample lasts to its last spike
  time_unit unit = time_unit::automatic;                // spike_hdf5: of the times in the file
  duplicate_events duplicates = duplicate_events::one;  // spike_hdf5: several spikes of a channel in one step
  bool operator==(const data_spec&) const = default;
};

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
  network_spec network;  // inputs and dt are filled from the data
  rule_spec rule;
  objective_spec objective;
  optimiser_spec optimiser;
  train_spec train;
  raster_metrics_spec metrics;
  output_spec output;
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

/// The same as JSON, for programs: objects "experiment", "layer" and "group" (sections of keys), "parameter" (the keys
/// of a cell's parameter written as a table) and "cells". A bound that is null is none.
std::string schema_json();

}  // namespace backspike
