#pragma once
// Whether a run may write to a directory.

#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/runner.hpp>

#include <string>

namespace backspike {

/// Throws checkpoint_error, naming the first key that differs, unless the checkpoint at `path` is of this experiment.
void require_same_experiment(const std::string& path, const checkpoint& c, const experiment& e, bool other_epochs);

/// Throws value_error (a sweep or a run is there that the options do not go on with or replace), checkpoint_error
/// (another experiment or version) and file_error.
void require_writable(const std::string& directory, const experiment& e, const run_options& options);

}  // namespace backspike
