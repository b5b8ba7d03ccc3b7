#pragma once
// What a training run looks like to the user.

#include <backspike/experiment/runner.hpp>

#include "terminal.hpp"

#include <string>
#include <vector>

namespace backspike::app {

class train_view : public run_observer {
 public:
  explicit train_view(bool quiet) : quiet_(quiet), work_(quiet) {}
  void on_progress(const std::string& what, std::size_t done, std::size_t total) override;
  void on_directory(const std::string& path) override;
  void on_start(const run_start& start) override;
  void on_batch(const batch_progress& progress) override;
  void on_epoch(const epoch_record& record, std::uint32_t epochs) override;
  bool stop_requested() override;
  /// Removes the progress bar before something else is written.
  void clear() { work_.line().clear(); }
  /// Epochs whose checkpoint is on the disk.
  std::uint32_t epochs_done() const { return epochs_done_; }
  const std::string& directory() const { return directory_; }

 private:
  bool quiet_;
  work_display work_;
  std::string directory_;
  std::vector<std::string> notes_;  // of the start
  std::uint32_t first_epoch_ = 0, epochs_done_ = 0;
  std::chrono::steady_clock::time_point start_{};
};

}  // namespace backspike::app
