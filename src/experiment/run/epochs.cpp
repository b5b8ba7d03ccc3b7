// Allows `--epochs` beside `--resume` only where nothing else depends on the number of epochs.

#include "experiment/run/epochs.hpp"

#include <backspike/core/enum_names.hpp>
#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

namespace backspike {
namespace {

bool follows_schedule(const delay_spec& delay) {
  return delay.max > 0 && delay.kernel == delay_kernel::gaussian && !delay.width.learn &&
         delay.width.schedule != width_schedule::constant;
}

/// What depends on the number of epochs, by its key; "" if nothing does.
std::string first_dependence(const experiment& e) {
  const auto schedule = e.optimiser.schedule;
  if (schedule == schedule_kind::cosine || schedule == schedule_kind::one_cycle) {
    return "optimiser.schedule = " + std::string(name_of(schedule));
  }
  if (e.optimiser.warmup > 0.0) {
    return "optimiser.warmup, a share of all steps";
  }
  for (const layer_spec& layer : e.network.layers) {
    if (follows_schedule(layer.delay) || follows_schedule(layer.recurrent_delay)) {
      return "the schedule of the delays' width in layer " + layer.name;
    }
  }
  for (const connection_spec& connection : e.network.connections) {
    if (follows_schedule(connection.delay)) {
      return "the schedule of the delays' width in connection " + connection.name;
    }
  }
  return "";
}

}  // namespace

void require_independent_of_epochs(const std::string& path, const checkpoint& c, const experiment& e) {
  if (c.epoch > e.train.epochs) {
    throw checkpoint_error(path, std::to_string(c.epoch) + " epochs are completed, train.epochs is " +
                                     std::to_string(e.train.epochs) + "; accepted: " + std::to_string(c.epoch) +
                                     " or more");
  }
  if (const auto dependence = first_dependence(e); !dependence.empty()) {
    throw checkpoint_error(path,
                           "cannot go on for another number of epochs: " + dependence +
                               " depends on that number, and the epochs that are over followed the old one; start "
                               "anew: --overwrite, or another --out");
  }
}

void remember_experiment(const run_directory& directory, const experiment& given, const experiment& settled) {
  const auto text = to_toml(settled);
  write_text_file(directory.file(experiment_file), to_toml(given));
  for (const auto* name : {initial_checkpoint_file, best_checkpoint_file, last_checkpoint_file}) {
    auto c = read_checkpoint(directory.file(name));
    if (c.experiment != text) {
      c.experiment = text;
      write_checkpoint(directory.file(name), c);
    }
  }
}

void forget_result(const run_directory& directory) {
  remove_file(directory.file(summary_file));
  remove_file(directory.file(report_file));
}

}  // namespace backspike
