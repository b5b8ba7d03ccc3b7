#pragma once
// A run that goes on for another number of epochs than it was started for.

#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/experiment.hpp>

#include "experiment/folder/directory.hpp"

#include <string>

namespace backspike {

/// Throws checkpoint_error unless the epochs that are over would have been the same with the experiment's number of
/// epochs: there are not more of them, and neither the learning rate nor a delay's width follows a schedule over all.
void require_independent_of_epochs(const std::string& path, const checkpoint& c, const experiment& e);

/// Writes the experiment into the files of a run, so that they are those of one that was started with it: as it was
/// given into experiment.toml, as it was settled (experiment/class_weights.hpp) into the checkpoints. The checkpoint
/// from which a run goes on is the last: until then the run is still the one that it was.
void remember_experiment(const run_directory& directory, const experiment& given, const experiment& settled);

/// Takes a run's summary away, by which others know that it is complete, and its report: there are epochs to come.
void forget_result(const run_directory& directory);

}  // namespace backspike
