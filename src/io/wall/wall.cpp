// The outside of the wall: starts the child that reads, waits for it within its time, and turns its end into a result
// or an error.

#include "io/wall/wall.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/interruption.hpp>

#include "core/system/descriptor.hpp"
#include "core/system/signals_blocked.hpp"
#include "io/wall/wall_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace backspike {
namespace {

using clock = std::chrono::steady_clock;

constexpr int look_every = 50;            // [ms] at the child, the clock and what the caller wants
constexpr int pipe_bytes = 1 << 20;       // fewer changes between the two processes than with the system's 64 KiB
constexpr int first_free_descriptor = 3;  // standard streams may be closed, and their numbers free

std::mutex& libraries() {
  static std::mutex mutex;
  return mutex;
}

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw file_error("read", path, std::string(what) + ": " + std::strerror(errno));
}

struct pipe_ends {
  descriptor out, in;
};

pipe_ends make_pipe(const std::string& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    fail(path, "no pipe for its reader");
  }
  const descriptor low_out(ends[0]), low_in(ends[1]);
  const auto raised = [](const descriptor& low) {
    return descriptor(::fcntl(low.number(), F_DUPFD_CLOEXEC, first_free_descriptor));
  };
  pipe_ends made{raised(low_out), raised(low_in)};
  if (!made.out.valid() || !made.in.valid()) {
    fail(path, "no pipe for its reader");
  }
  ::fcntl(made.out.number(), F_SETPIPE_SZ, pipe_bytes);
  return made;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g s", seconds);
  return text;
}

/// The child as seen from here; it does not outlive this.
class reading_child {
 public:
  reading_child(const std::string& path, const read_limits& limits, const std::function<void(wall_sink&)>& inside)
      : path_(path), limits_(limits) {
    auto ends = make_pipe(path);
    out_ = std::move(ends.out);
    const auto plan = plan_child(ends.in.number(), limits);
    const library_lock quiet;
    const signals_blocked held;
    process_ = ::fork();
    if (process_ == 0) {
      live_behind_wall(plan, inside);
    }
    if (process_ < 0) {
      fail(path, "no process for its reader");
    }
  }

  ~reading_child() { end(); }
  reading_child(const reading_child&) = delete;
  reading_child& operator=(const reading_child&) = delete;

  /// Fills all of it, or throws why that cannot be.
  void fill(void* to, std::size_t count, const wall_source& source) {
    auto* at = static_cast<char*>(to);
    begin_ = clock::now();
    while (count > 0) {
      wait_for_bytes(source);
      const auto got = ::read(out_.number(), at, count);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        continue;
      }
      if (got < 0) {
        fail(path_, "its reader's pipe");
      }
      if (got == 0) {
        explain(source);
      }
      at += got;
      count -= static_cast<std::size_t>(got);
    }
    waited_ += clock::now() - begin_;
  }

 private:
  void wait_for_bytes(const wall_source& source) {
    pollfd waiting{out_.number(), POLLIN, 0};
    look_around(source);
    while (::poll(&waiting, 1, look_every) <= 0) {
      look_around(source);
      if (ended() && ::poll(&waiting, 1, 0) == 0) {  // another process of this program may hold the other end open
        explain(source);
      }
    }
  }

  /// Before every read, for bytes that drip in must put neither of the two off.
  void look_around(const wall_source& source) const {
    check_interruption();
    const double passed = std::chrono::duration<double>(waited_ + (clock::now() - begin_)).count();
    if (passed > limits_.deadline) {
      throw format_error(source.path(), "",
                         "its reader (" + source.format() + ") did not end within " + seconds_text(limits_.deadline) +
                             "; " + advice_on_time());
    }
  }

  /// Whether the child is gone; then status_ says how, if the system still knows.
  bool ended() {
    if (process_ > 0) {
      const auto result = ::waitpid(process_, &status_, WNOHANG);
      if (result == process_ || (result < 0 && errno == ECHILD)) {
        process_ = -1;
      }
    }
    return process_ < 0;
  }

  void end() {
    if (process_ > 0 && !ended()) {
      ::kill(process_, SIGKILL);
      while (::waitpid(process_, &status_, 0) < 0 && errno == EINTR) {
      }
      process_ = -1;
    }
  }

  /// The child ended before it had sent everything.
  [[noreturn]] void explain(const wall_source& source) {
    for (int look = 0; look < 100 && !ended(); ++look) {  // a moment; one gone astray may have closed its end and live
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (!ended()) {
      source.distrust();
    }
    const int signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0;
    const std::string reader = "its reader (" + source.format() + ") ";
    if (signal == SIGXCPU) {
      throw format_error(source.path(), "",
                         "damaged: " + reader + "did not end within " + std::to_string(limits_.seconds) +
                             " s of work; " + advice_on_time());
    }
    if (signal == SIGKILL) {  // not from us: the system is out of memory
      throw resource_error("read " + source.path(), resource_error::beyond, limits_.memory, advice_on_memory());
    }
    const char* name = signal == 0 ? nullptr : ::sigabbrev_np(signal);
    throw format_error(
        source.path(), "",
        "damaged: " + reader + (name == nullptr ? "broke off" : std::string("crashed (SIG") + name + ")"));
  }

  std::string path_;
  read_limits limits_;
  clock::duration waited_{};  // for it, not for what is done with what came
  clock::time_point begin_;
  descriptor out_;
  int status_ = 0;
  pid_t process_ = -1;
};

}  // namespace

library_lock::library_lock() { libraries().lock(); }
library_lock::~library_lock() { libraries().unlock(); }

struct wall_reader::both_sides {
  both_sides(const std::string& path, const std::string& format, const read_limits& limits,
             const std::function<void(wall_sink&)>& inside)
      : child(path, limits, inside),
        source(
            path, format, [this](void* to, std::size_t count) { child.fill(to, count, source); }, limits.memory) {}

  reading_child child;
  wall_source source;
};

wall_reader::wall_reader(const std::string& path, const std::string& format, const read_limits& limits,
                         const std::function<void(wall_sink&)>& inside)
    : sides_(std::make_unique<both_sides>(path, format, limits, inside)) {}

wall_reader::~wall_reader() = default;
wall_reader::wall_reader(wall_reader&&) noexcept = default;

wall_source& wall_reader::source() { return sides_->source; }

void run_behind_wall(const wall_task& task) {
  wall_reader reader(task.path, task.format, task.limits, task.inside);
  task.outside(reader.source());
  reader.source().finish();
}

}  // namespace backspike
