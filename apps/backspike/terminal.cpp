// Draws the line of progress, cut to the width of the terminal; prints plain lines where there is no terminal.

#include "terminal.hpp"
#include "output.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace backspike::app {
namespace {

using namespace std::chrono_literals;

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/// A terminal that can draw over a line.
bool is_terminal() {
  const char* kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && (kind == nullptr || std::string(kind) != "dumb");
}

/// Cut between characters: half of one would be a stray byte.
std::string first_columns(const std::string& text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end) {
    if ((text[end] & '\xC0') != '\x80' && ++shown > columns) {
      break;
    }
  }
  return text.substr(0, end);
}

}  // namespace

std::string bar(double share, std::size_t width) {
  const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  return fmt::format("[{:#<{}}{:.<{}}] {:3.0f}%", "", filled, "", width - filled, 100 * share);
}

std::string clock_text(double seconds) {
  const auto s = std::lround(std::max(0.0, seconds));
  return s < 3600 ? fmt::format("{:02}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

status_line::status_line(bool quiet) : terminal_(!quiet && is_terminal()) {}

void status_line::draw(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < 100ms) {
    return;
  }
  last_ = now;
  shown_ = true;
  write(stderr, "\r\x1b[2K" + first_columns(printable(text), terminal_width() - 1));
  std::fflush(stderr);
}

void status_line::clear() {
  if (shown_) {
    write(stderr, "\r\x1b[2K");
    std::fflush(stderr);
    shown_ = false;
  }
}

void work_display::begin(const std::string& what) {
  what_ = what;
  start_ = clock::now();
  next_plain_ = start_ + 1s;
}

void work_display::update(const std::string& what, std::size_t done, std::size_t total) {
  if (what != what_ || done <= last_done_) {  // the same work may come again, an epoch later
    begin(what);
  }
  last_done_ = done;
  if (line_.on_terminal()) {
    const double share = total > 0 ? double(done) / double(total) : 1.0;
    const double seconds = std::chrono::duration<double>(clock::now() - start_).count();
    const auto left = share > 0 ? " ETA " + clock_text(seconds / share * (1 - share)) : "";
    line_.draw(fmt::format("{} {} {} of {}{}", what, bar(share, 24), done, total, left));
    if (done >= total) {
      line_.clear();
    }
  } else if (!quiet_) {
    plain(done, total);
  }
}

void work_display::plain(std::size_t done, std::size_t total) {
  const auto now = clock::now();
  if (now < next_plain_) {
    return;
  }
  next_plain_ = now + 10s;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  complain("{}: {} of {} after {:.1f} s\n", what_, done, total, seconds);
}

}  // namespace backspike::app
