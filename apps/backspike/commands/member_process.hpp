#pragma once
// A training run as a process of its own: what goes wrong in it, memory that runs out included, ends nothing else.

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace backspike::app {

/// How a process ended.
struct process_end {
  bool ended = false;   // false: it still runs
  int code = 0;         // exit code; 128 + signal if a signal ended it
  std::string message;  // the error it reported, or which signal it was
};

class member_process {
 public:
  /// Starts this program with other arguments. Its output is dropped, its errors are kept for `message`. It dies with
  /// this process, and signals of the terminal do not reach it. Throws file_error.
  explicit member_process(const std::vector<std::string>& arguments);
  ~member_process();
  member_process(member_process&&) noexcept;
  member_process& operator=(member_process&&) = delete;
  member_process(const member_process&) = delete;
  member_process& operator=(const member_process&) = delete;

  /// Does not wait.
  process_end poll();
  /// Asks it to end: SIGTERM.
  void stop() const;

 private:
  struct close_file {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, close_file> errors_;
  pid_t process_ = -1;  // -1: ended
};

}  // namespace backspike::app
