#pragma once
// The state of a training run and one epoch of it.

#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/hardware/hardware_rule.hpp>
#include <backspike/optimise/optimiser.hpp>
#include <backspike/report/health_monitor.hpp>
#include <backspike/robustness/adversary.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "experiment/measure/raster_history.hpp"

#include <memory>
#include <vector>

namespace backspike {

/// Thrown through everything when the observer wants the run to end; caught by train().
struct stop_signal {};

/// Throws stop_signal if the observer asks for it.
void stop_if_requested(run_observer& observer);

/// The epoch whose parameters checkpoint_best.h5 holds.
struct best_so_far {
  std::uint32_t epoch = 0;  // 0: none yet
  double accuracy = 0, loss = 0;
};

/// A record in the making.
struct epoch_sums : epoch_record {
  batch_result outputs;  // of each output
};

class trainer {
 public:
  /// Everything must outlive the trainer. The experiment has numbers for class weights (experiment/class_weights.hpp).
  /// `data` is what checkpoints remember of the data.
  trainer(const experiment& e, const rule_spec& rule, const dataset& train, const dataset& validation,
          const network& net, thread_pool& pool, run_observer& observer, learned_from data = {});

  /// From now on every batch is attacked before the network learns from it. The samples are those of the training set.
  void train_against(const defence_spec& defence, attack_samples samples);

  /// Starts from these parameters, without files.
  void begin(const arena<float>& initial);

  /// Initial parameters, drawn and written to the cleared directory, with the experiment as it was given; or, if the
  /// directory has them, everything as it was after the last completed epoch.
  void begin(const run_directory& directory, const experiment& given);
  void resume(const run_directory& directory);

  /// One epoch and its validation; true if its parameters are the best so far. Throws stop_signal, numeric_error.
  bool next_epoch();
  /// The same and its files; tells the observer. Throws file_error, too.
  void run_epoch(const run_directory& directory);

  const arena<float>& parameters() const { return parameters_; }
  const std::vector<epoch_record>& epochs() const { return epochs_; }
  const best_so_far& best() const { return best_; }
  const std::vector<raster_snapshot>& snapshots() const { return snapshots_; }
  engine& simulator() { return rule_.simulator(); }
  /// Parameters before training, and those of the best epoch, read from their files.
  arena<float> initial(const run_directory& directory) const;
  arena<float> chosen(const run_directory& directory) const;

 private:
  epoch_record train_samples(std::uint32_t epoch);
  batch_result plain_gradient(batch_view batch);
  batch_result gradient_of(batch_view batch, std::uint64_t number);
  void start_rules(const arena<float>& initial, std::uint64_t updates = 0);
  void train_batch(batch_view batch, std::uint64_t number, epoch_sums& sums);
  void require_finite_parameters();
  void look_inside(epoch_record& record);
  void validate(epoch_record& record);
  void save(const run_directory& directory, bool improved);
  void keep_raster(const run_directory& directory);
  arena<float> parameters_in(const std::string& path) const;

  const experiment& settings_;
  const dataset& train_;
  const dataset& validation_;
  const network& net_;
  thread_pool& pool_;
  run_observer& observer_;
  learned_from data_;
  learning_rule rule_;
  std::unique_ptr<hardware_rule> on_hardware_;   // null: training knows of no chip
  arena<float> parameters_, gradient_, before_;  // before_: the parameters before an epoch's last step
  optimiser optimiser_;
  defence_kind defence_ = defence_kind::none;
  std::unique_ptr<adversary> adversary_;  // null: batches stay as they are
  std::uint64_t batches_;                 // an epoch
  std::vector<bool> has_samples_;         // [classes] of the first output
  health_monitor monitor_;
  std::vector<epoch_record> epochs_;
  std::uint64_t metrics_bytes_ = 0;  // of their file
  std::vector<raster_snapshot> snapshots_;
  best_so_far best_;
};

}  // namespace backspike
