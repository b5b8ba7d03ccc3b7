#pragma once
// What an agent's run looks like to the user.

#include <backspike/experiment/agent_run.hpp>

#include "terminal.hpp"

#include <chrono>
#include <string>

namespace backspike::app {

class agent_view : public agent_observer {
 public:
  explicit agent_view(bool quiet) : quiet_(quiet), line_(quiet) {}
  void on_directory(const std::string& path) override;
  void on_start(const agent_start& start) override;
  void on_round(const agent_progress& progress) override;
  void on_record(const agent_record& record) override;
  void on_solved(std::uint64_t decisions) override;
  void on_test(std::uint32_t episodes) override;
  bool stop_requested() override;
  /// Removes the progress bar before something else is written.
  void clear() { line_.clear(); }
  const std::string& directory() const { return start_.directory; }

 private:
  double decisions_per_second(std::uint64_t decisions) const;

  bool quiet_;
  status_line line_;
  agent_start start_;
  std::chrono::steady_clock::time_point begun_{};
};

}  // namespace backspike::app
