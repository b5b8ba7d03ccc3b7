// The part of the trainer that deals with files: begin, save, resume. An epoch counts once checkpoint_last.h5 is on the
// disk; what is written before it (its line of metrics, checkpoint_best.h5) is written again, with the same bytes, if
// it is not.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/gradient/initialise.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/run/trainer.hpp"

namespace backspike {

void trainer::begin(const run_directory& directory, const experiment& given) {
  initialise(net_, parameters_, settings_.seed, train_, pool_);
  start_rules(parameters_);
  const auto text = to_toml(given);  // before anything goes: both may be refused
  auto c = blank_checkpoint(settings_, net_, data_);
  directory.clear();
  write_text_file(directory.file(experiment_file), text);
  c.parameters = tensors_of(parameters_);
  write_checkpoint(directory.file(initial_checkpoint_file), c);
  keep_raster(directory);
}

/// Of some epochs, and nothing where there are no target spikes to compare with.
void trainer::keep_raster(const run_directory& directory) {
  const auto epoch = static_cast<std::uint32_t>(epochs_.size());
  if (is_kept(epoch) && has_target_spikes(net_, train_)) {
    snapshots_.push_back(take_snapshot(rule_.simulator(), parameters_, train_, epoch));
    write_snapshots(directory.file(rasters_file), snapshots_);
  }
}

void trainer::save(const run_directory& directory, bool improved) {
  const auto& record = epochs_.back();
  keep_raster(directory);
  metrics_bytes_ = add_metrics(directory.file(metrics_file), metrics_bytes_, epochs_);
  auto c = blank_checkpoint(settings_, net_, data_);
  c.epoch = record.epoch;
  c.step = optimiser_.steps();
  c.scalars["best_epoch"] = best_.epoch;
  c.scalars["best_accuracy"] = best_.accuracy;
  c.scalars["best_loss"] = best_.loss;
  if (has_forms(settings_.rule)) {
    c.scalars[eprop_backward_state] = is_forward(rule_.rule()) ? 0.0 : 1.0;
  }
  c.parameters = tensors_of(parameters_);
  if (improved) {
    write_checkpoint(directory.file(best_checkpoint_file), c);
  }
  c.optimiser = tensors_of(optimiser_.first_moment(), first_moment_prefix);
  for (auto& tensor : tensors_of(optimiser_.second_moment(), second_moment_prefix)) {
    c.optimiser.push_back(std::move(tensor));
  }
  write_checkpoint(directory.file(last_checkpoint_file), c);
}

void trainer::resume(const run_directory& directory) {
  const auto path = directory.file(last_checkpoint_file);
  const auto c = read_checkpoint(path);
  require_same_data(path, c, data_);
  restore_parameters(path, c, parameters_);
  restore_tensors(path, c.optimiser, first_moment_prefix, c.step, optimiser_.first_moment());
  restore_tensors(path, c.optimiser, second_moment_prefix, c.step, optimiser_.second_moment());
  optimiser_.restore(c.step);
  start_rules(initial(directory), c.step);
  best_.epoch = static_cast<std::uint32_t>(count_in_state(path, c, "best_epoch", 0, c.epoch));
  best_.accuracy = state_of(path, c, "best_accuracy");
  best_.loss = state_of(path, c, "best_loss");
  epochs_ = read_metrics(directory.file(metrics_file), c.epoch);
  for (const epoch_record& record : epochs_) {
    monitor_.recall(record);
  }
  // Cut back what the checkpoint does not know of: an epoch, or half of its line.
  metrics_bytes_ = write_metrics(directory.file(metrics_file), epochs_);
  if (has_target_spikes(net_, train_)) {
    snapshots_ = read_snapshots(directory.file(rasters_file), c.epoch, net_.output(0).units, train_.inputs.length(0));
    write_snapshots(directory.file(rasters_file), snapshots_);
  }
}

arena<float> trainer::parameters_in(const std::string& path) const {
  const auto c = read_checkpoint(path);
  arena<float> values(net_.parameters());
  restore_parameters(path, c, values);
  return values;
}

arena<float> trainer::initial(const run_directory& directory) const {
  return parameters_in(directory.file(initial_checkpoint_file));
}

arena<float> trainer::chosen(const run_directory& directory) const {
  return parameters_in(directory.file(best_checkpoint_file));
}

}  // namespace backspike
