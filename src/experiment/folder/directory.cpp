// The files of a run's directory: their names, which of them make it a run, and in which order they are removed.

#include "experiment/folder/directory.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/text.hpp>

#include <algorithm>
#include <array>

namespace backspike {
namespace {

// In the order of removal: without checkpoint_last.h5 a run is not resumed, so a removal that is cut short leaves
// nothing that could be mistaken for a run.
constexpr std::array run_files{last_checkpoint_file, best_checkpoint_file, summary_file, report_file,
                               metrics_file,         rasters_file,         monitor_file, initial_checkpoint_file,
                               experiment_file};

}  // namespace

run_directory::run_directory(std::string path)
    : path_(std::move(path)), lock_(path_, "the run directory", "another process is training in it") {}

bool run_directory::has(const char* name) const { return is_there(file(name)); }

void run_directory::clear() const {
  for (const auto* name : run_files) {
    remove_file(file(name));
  }
}

std::string directory_for(const std::string& chosen, const std::string& output, const std::string& name) {
  if (!chosen.empty()) {
    return chosen;
  }
  if (!is_folder_name(name)) {
    throw value_error("train", "name", "\"" + name + "\"", "the name of a folder, without / and control characters");
  }
  return output + "/" + name;
}

bool holds_run(const std::string& directory) {
  return std::ranges::any_of(run_files, [&](const char* name) {
    const auto path = directory + "/" + name;
    return is_link(path) || is_there(path);  // a link to nothing is somebody's, too
  });
}

}  // namespace backspike
