#pragma once
// One line at the bottom of a terminal that is drawn over and over; elsewhere plain lines, and few of them.

#include <chrono>
#include <string>

namespace backspike::app {

/// "[######......]  52%", `width` characters between the brackets.
std::string bar(double share, std::size_t width);

/// "1:04:09", "04:09".
std::string clock_text(double seconds);

class status_line {
 public:
  /// With `quiet` nothing is ever shown.
  explicit status_line(bool quiet);
  ~status_line() { clear(); }
  status_line(const status_line&) = delete;
  status_line& operator=(const status_line&) = delete;

  bool on_terminal() const { return terminal_; }
  /// Shows the text on a terminal, at most ten times a second; cut to the terminal's width.
  void draw(const std::string& text);
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

/// Shows work of many small steps. On a terminal a bar from the start; elsewhere a line once the work has taken a
/// second, and then every ten seconds.
class work_display {
 public:
  explicit work_display(bool quiet) : quiet_(quiet), line_(quiet) {}
  void update(const std::string& what, std::size_t done, std::size_t total);
  status_line& line() { return line_; }

 private:
  using clock = std::chrono::steady_clock;
  void begin(const std::string& what);
  void plain(std::size_t done, std::size_t total);

  bool quiet_;
  status_line line_;
  std::string what_;
  std::size_t last_done_ = 0;
  clock::time_point start_, next_plain_;
};

}  // namespace backspike::app
