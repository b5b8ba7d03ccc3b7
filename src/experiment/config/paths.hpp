#pragma once
// Paths of data in an experiment: relative where they are written, absolute where they are remembered.

#include <backspike/experiment/experiment.hpp>

#include <string>

namespace backspike::config {

/// Every relative path of data becomes that path from `folder`; "" stands for the current folder.
void make_paths_absolute(experiment& e, const std::string& folder);

}  // namespace backspike::config
