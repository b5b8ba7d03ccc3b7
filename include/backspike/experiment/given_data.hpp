#pragma once
// All of a file or folder that somebody gives a trained network: `backspike evaluate --data` and Network.load_data.

#include <backspike/experiment/experiment.hpp>

#include <string>
#include <vector>

namespace backspike {

/// How load_whole reads all of `path` for a network that this experiment trained: by the experiment's own data settings
/// with these overrides ("data.KEY=VALUE"), as in parse_experiment. Throws config_error (a key that is unknown, a value
/// out of its range) and value_error for a key that the source does not read here: all samples are taken, so one that
/// chooses among samples, or makes them, would be ignored.
data_spec given_data(const experiment& trained, const std::string& path, const std::vector<std::string>& overrides);

}  // namespace backspike
