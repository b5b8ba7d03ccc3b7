#include "experiment/runner_directory.hpp"

#include <backspike/core/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace backspike {
namespace {

// In the order of removal: without checkpoint_last.h5 a run is not resumed, so a removal that is cut short leaves
// nothing that could be mistaken for a run.
constexpr std::array run_files{last_checkpoint_file, best_checkpoint_file,    summary_file,   report_file, metrics_file,
                               rasters_file,         initial_checkpoint_file, experiment_file};

}  // namespace

run_directory::run_directory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) {
    throw file_error("create the run directory", path_, error.message());
  }
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) {
    throw file_error("open the run directory", path_, std::strerror(errno));
  }
  // Some network file systems have no locks (ENOLCK, ENOTSUP): there, going on unlocked beats not running at all.
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(lock_);
    throw file_error("lock the run directory", path_, "another process is training in it");
  }
}

run_directory::~run_directory() { ::close(lock_); }

bool run_directory::has(const char* name) const { return std::filesystem::exists(file(name)); }

void run_directory::clear() const {
  for (const auto* name : run_files) {
    std::error_code error;
    std::filesystem::remove(file(name), error);
    if (error) {
      throw file_error("remove", file(name), error.message());
    }
  }
}

bool holds_run(const std::string& directory) {
  for (const auto* name : run_files) {
    std::error_code ignored;
    if (std::filesystem::exists(directory + "/" + name, ignored)) {
      return true;
    }
  }
  return false;
}

}  // namespace backspike
