#pragma once
// The files of a run, and who may write them.

#include <backspike/report/report.hpp>

#include <string>
#include <vector>

namespace backspike {

/// The directory of one run. Holds a lock on it, so that two processes never write one run; the kernel takes the lock
/// back however a process ends.
class run_directory {
 public:
  /// Creates the directory and locks it. Throws file_error.
  explicit run_directory(std::string path);
  ~run_directory();
  run_directory(const run_directory&) = delete;
  run_directory& operator=(const run_directory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const char* name) const { return path_ + "/" + name; }
  bool has(const char* name) const;
  /// Removes the files of a run, the checkpoint to resume from first, and nothing else.
  void clear() const;

 private:
  std::string path_;
  int lock_ = -1;
};

inline constexpr const char* experiment_file = "experiment.toml";
inline constexpr const char* metrics_file = "metrics.jsonl";
inline constexpr const char* rasters_file = "rasters.jsonl";  // only where target values are spikes
inline constexpr const char* summary_file = "summary.json";
inline constexpr const char* report_file = "report.html";
inline constexpr const char* initial_checkpoint_file = "checkpoint_initial.h5";
inline constexpr const char* last_checkpoint_file = "checkpoint_last.h5";
inline constexpr const char* best_checkpoint_file = "checkpoint_best.h5";

/// Whether a directory holds a run, finished or not.
bool holds_run(const std::string& directory);

/// Writes one JSON line for each epoch.
void write_metrics(const std::string& path, const std::vector<epoch_record>& epochs);

/// The first `count` lines. Throws format_error (fewer lines, a line that is no record) and file_error.
std::vector<epoch_record> read_metrics(const std::string& path, std::size_t count);

}  // namespace backspike
