#pragma once
// A training run: data, training, checkpoints, test, report, all in one directory. Nothing is printed here; a
// run_observer is told what happens.
//
// The directory holds experiment.toml (resolved), metrics.jsonl (one line an epoch), rasters.jsonl (where target values
// are spikes: those of the last layer after some epochs), checkpoint_initial.h5, checkpoint_last.h5, checkpoint_best.h5
// (highest validation accuracy; ties: lower loss; without a validation set: the last epoch), summary.json and
// report.html. Every file appears whole or not at all, and an epoch counts once its
// checkpoint_last.h5 is there: a run that is killed at any moment and resumed ends with the same bytes in its
// checkpoints, and the same metrics but for the seconds, as one that was never stopped.

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/complexity.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/experiment/rounding.hpp>
#include <backspike/experiment/task_figures.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/forecast.hpp>
#include <backspike/report/report.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct run_options {
  std::string directory;           // empty: output.directory/NAME of the experiment
  std::size_t threads = 0;         // 0: every processor this process may use; no result depends on it
  bool resume = false;             // go on from checkpoint_last.h5; start where there is none yet
  bool other_epochs = false;       // with resume: the run may have been started for another number of epochs
  bool overwrite = false;          // remove the run that is in the directory first
  std::uint64_t memory_limit = 0;  // [bytes]; 0: what the machine has, see available_memory
};

/// Known once data and network are there and the run is about to train.
struct run_start {
  std::string directory;
  std::size_t train_samples = 0, validation_samples = 0, test_samples = 0;
  std::uint64_t merged_events = 0;            // of the training data's source, see data/dataset.hpp
  std::size_t parameters = 0, learnable = 0;  // numbers, without padding
  std::size_t threads = 1;
  std::uint32_t epochs = 0;
  std::uint32_t epochs_done = 0;  // more than 0 if resumed
  memory_forecast memory;
  rule_spec rule;                  // with everything decided that the machine's memory decides
  std::string rule_in_words;       // rule_text of it
  std::vector<std::string> notes;  // what the user should know of these data before it trains
};

/// Running means over the samples of this epoch so far.
struct batch_progress {
  std::uint32_t epoch = 0, epochs = 0;  // epoch from 1
  std::size_t batch = 0, batches = 0;   // batch from 1
  double loss = 0, accuracy = 0, spikes_per_sample = 0;
  std::vector<output_measure> outputs{};  // of each, where there are several
};

/// Told what a run does. Called from the thread that runs it; every member may be left as it is.
class run_observer {
 public:
  virtual ~run_observer() = default;
  /// Work that is not training: reading, encoding, evaluating; `done` of `total`.
  virtual void on_progress(const std::string& what, std::size_t done, std::size_t total);
  /// From here on the run has files in its directory, which it leaves in order when it is asked to stop.
  virtual void on_directory(const std::string& path);
  virtual void on_start(const run_start& start);
  virtual void on_batch(const batch_progress& progress);
  /// An epoch is over and its checkpoint is on the disk.
  virtual void on_epoch(const epoch_record& record, std::uint32_t epochs);
  /// Asked after every batch; true ends the run there, with the last completed epoch on the disk.
  virtual bool stop_requested();
};

struct run_result {
  bool finished = false;  // false: stopped by the observer; only directory and epochs are meaningful then
  std::string directory, report_path;
  std::uint32_t epochs = 0;  // completed
  std::uint32_t best_epoch = 0;
  double test_accuracy = 0, test_loss = 0;
  std::vector<output_measure> outputs;  // of the test set, where the network has several
  double spikes_per_sample = 0;         // of all hidden layers together, over the test set
  double train_seconds = 0;             // in training steps; loading and evaluating are not in it
  std::size_t test_samples = 0;
  complexity energy;                      // of the test set
  std::vector<task_figure> figures;       // of the test set
  std::optional<rounded_result> rounded;  // of the test set, if the network has delays
};

/// Trains, measures the test set once with the best checkpoint and writes the report.
/// Throws value_error (the directory holds a run and neither resume nor overwrite is set), resource_error (the run does
/// not fit; nothing is written), checkpoint_error (resume with another experiment, naming the first key that differs,
/// or with other data; with other_epochs: fewer epochs than are completed, or a schedule that depends on their number),
/// numeric_error (naming layer or parameter, and training step; the last good checkpoint stays), file_error, and all
/// that load_data throws.
run_result train(const experiment& e, const run_options& options, run_observer& observer);

struct fold_result {
  std::string speaker;
  run_result run;
};

/// Leave-one-speaker-out: one run for each speaker of the data, with that speaker as the whole test set, in
/// DIRECTORY/SPEAKER; then DIRECTORY/summary.json. Stops early, with the folds so far, if the observer asks for it.
/// Throws value_error if the data names no speakers or the experiment already holds one out.
std::vector<fold_result> train_leave_one_speaker_out(const experiment& e, const run_options& options,
                                                     run_observer& observer);

/// The network of an experiment for given data: its inputs, their shape and the time step come from the data, a layer
/// that is an output and of size 0 gets one neuron for each class. Throws shape_error if the size of an output is not
/// the number of its classes, or network.input_shape not that of the data. outputs: the classes or target values of
/// each; of a network without named outputs, of the last layer.
network_spec network_for(const experiment& e, std::uint32_t inputs, double dt, std::span<const std::size_t> outputs,
                         const grid_shape& shape = {});
network_spec network_for(const experiment& e, std::uint32_t inputs, double dt, std::size_t classes,
                         const grid_shape& shape = {});
/// For data that have the targets of every output (experiment/output_targets.hpp).
network_spec network_for(const experiment& e, const dataset& data);

/// The learning rule as it will run, in `memory_limit` bytes; 0: what the machine has. Throws resource_error.
rule_spec rule_for(const experiment& e, const dataset_split& data, const network& net, std::size_t threads,
                   std::uint64_t memory_limit = 0);

/// What training this network on these data will need, without other data and the program.
memory_forecast forecast_training(const experiment& e, const dataset& train, const network& net, std::size_t threads,
                                  const rule_spec& rule);

/// The same with all three parts of the data and the program.
memory_forecast forecast_run(const experiment& e, const dataset_split& data, const network& net, std::size_t threads,
                             const rule_spec& rule);

}  // namespace backspike
