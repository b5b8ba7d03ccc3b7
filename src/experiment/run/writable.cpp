// Before a run writes: is the directory free, or does it hold the same run, begun by the same version?

#include "experiment/run/writable.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/version.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "experiment/run/epochs.hpp"

#include <algorithm>

namespace backspike {

// Read once more, `before` has every path as absolute as a new experiment has it.
void require_same_experiment(const std::string& path, const checkpoint& c, const experiment& e, bool other_epochs) {
  auto before = parse_experiment(c.experiment, path);
  for (std::size_t k = 0; k < std::min(e.objective.outputs(), before.objective.outputs()); ++k) {
    const class_weights_spec& now = e.objective.of(k).class_weights;
    if (now.balanced) {  // a checkpoint has their numbers: compared when the data are there
      before.objective.of(k).class_weights = now;
    }
  }
  if (other_epochs && before.train.epochs != e.train.epochs) {
    require_independent_of_epochs(path, c, e);
    before.train.epochs = e.train.epochs;
  }
  const auto difference = first_difference(to_toml(before), to_toml(e));
  if (!difference.empty()) {
    const bool longer = difference.starts_with("train.epochs ");
    throw checkpoint_error(path, "the run was started with another experiment, which differs in " + difference +
                                     (longer ? "; --epochs beside --resume trains it for another number" : ""));
  }
}

void require_writable(const std::string& directory, const experiment& e, const run_options& options) {
  if (is_there(directory + "/" + sweep_file)) {
    throw value_error("train", "run directory", directory, "a directory of its own: this one holds a sweep");
  }
  if (options.overwrite || !holds_run(directory)) {
    return;
  }
  if (!options.resume) {
    throw value_error("train", "run directory", directory,
                      "a directory without a run; or --resume to go on with it, or --overwrite to replace it");
  }
  const auto path = directory + "/" + last_checkpoint_file;
  if (is_there(path)) {
    const auto c = read_checkpoint(path);
    if (c.version != version()) {
      throw checkpoint_error(path, "was written by version " + c.version + ", this is " + std::string(version()) +
                                       ": the run would not go on as it began");
    }
    require_same_experiment(path, c, e, options.other_epochs);
  }
}

}  // namespace backspike
