#pragma once
// Runs the members of a sweep, several at a time, and tells how far they are.

#include <backspike/experiment/sweep.hpp>

#include "commands/member_process.hpp"
#include "terminal.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike::app {

struct sweep_settings {
  std::size_t jobs = 0;            // members at a time; 0: one a processor
  std::size_t threads = 0;         // of all of them together; 0: every processor
  std::uint64_t memory_limit = 0;  // [bytes] of all of them together; 0: what is free now
  bool quiet = false;
};

class sweep_runs {
 public:
  sweep_runs(const sweep_plan& plan, const sweep_directory& directory, const sweep_settings& settings);

  /// Runs what is not finished; returns early, with every member stopped, after a signal.
  void run();
  const std::vector<sweep_outcome>& outcomes() const { return outcomes_; }

 private:
  struct running {
    std::size_t member;
    member_process process;
  };
  using clock = std::chrono::steady_clock;

  void start_next();
  void look();
  void finish(std::size_t member, const process_end& end);
  void write_tables();
  void stop_all();
  void draw();
  void tell(std::size_t member);
  std::uint64_t epochs_in(std::size_t member) const;
  std::uint64_t epochs_left_of(std::size_t member) const;
  std::uint64_t epochs_done() const;
  std::string time_left() const;

  const sweep_plan& plan_;
  const sweep_directory& directory_;
  sweep_settings settings_;
  std::vector<sweep_outcome> outcomes_;
  std::vector<std::size_t> waiting_;  // from the back
  std::vector<running> running_;
  std::uint64_t epochs_ = 0, epochs_before_ = 0;  // of the members to run; of these, what was there at the start
  std::uint64_t epochs_waiting_ = 0;              // what the waiting members have to do
  std::size_t ended_ = 0;
  clock::time_point start_ = clock::now(), next_tables_ = start_, next_line_ = start_;
  bool stopping_ = false;
  status_line line_;
};

}  // namespace backspike::app
