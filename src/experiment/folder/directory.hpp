#pragma once
// The files of a run, and who may write them.

#include <backspike/report/report.hpp>

#include "experiment/folder/directory_lock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// The directory of one run, locked, so that two processes never write one run.
class run_directory {
 public:
  /// Creates the directory and locks it. Throws file_error.
  explicit run_directory(std::string path);

  const std::string& path() const { return path_; }
  std::string file(const char* name) const { return path_ + "/" + name; }
  bool has(const char* name) const;
  /// Removes the files of a run by their names, the checkpoint to resume from first, and nothing else; of a symbolic
  /// link the link.
  void clear() const;

 private:
  std::string path_;
  directory_lock lock_;
};

/// `chosen`, or OUTPUT/NAME where none was chosen. Throws value_error for a name that is not that of one folder.
std::string directory_for(const std::string& chosen, const std::string& output, const std::string& name);

inline constexpr const char* experiment_file = "experiment.toml";
inline constexpr const char* metrics_file = "metrics.jsonl";
inline constexpr const char* rasters_file = "rasters.jsonl";  // only where target values are spikes
inline constexpr const char* monitor_file = "monitor.csv";    // only where an agent's run is asked for it
inline constexpr const char* summary_file = "summary.json";
inline constexpr const char* report_file = "report.html";
inline constexpr const char* initial_checkpoint_file = "checkpoint_initial.h5";
inline constexpr const char* last_checkpoint_file = "checkpoint_last.h5";
inline constexpr const char* best_checkpoint_file = "checkpoint_best.h5";
inline constexpr const char* sweep_file = "sweep.json";  // of a sweep, never of a run

/// Whether a directory holds a run, finished or not. Throws file_error where the system does not say.
bool holds_run(const std::string& directory);

/// Writes one JSON line for each epoch; returns the bytes of the file.
std::uint64_t write_metrics(const std::string& path, const std::vector<epoch_record>& epochs);

/// Adds the line of the last epoch to the file of those before it, which has `bytes`; writes it whole where it is not
/// that file. Returns the bytes of the file.
std::uint64_t add_metrics(const std::string& path, std::uint64_t bytes, const std::vector<epoch_record>& epochs);

/// The first `count` lines. Throws format_error (fewer lines, a line that is no record) and file_error.
std::vector<epoch_record> read_metrics(const std::string& path, std::size_t count);

}  // namespace backspike
