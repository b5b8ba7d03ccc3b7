// The inside of the wall: the child gives up handlers, descriptors and memory, and then reads the file.

#include "io/wall/wall_child.hpp"

#include "core/system/sanitizers.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <fstream>

namespace backspike {
namespace {

constexpr std::uint64_t unlimited = ~std::uint64_t{0};

#if defined(BACKSPIKE_SANITIZED)
constexpr bool sanitized = true;  // what they find is reported on the standard error stream
#else
constexpr bool sanitized = false;
#endif

constexpr int pipe_place = 3;  // standard streams, the pipe, and one file at a time: a link into another file cannot be
constexpr int most_descriptors = sanitized ? 7 : 5;  // followed; sanitizers look at memory through a pipe of their own

/// Addresses that this process has [bytes]; 0 where the system does not say.
std::uint64_t addresses() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  return file >> pages ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void limit(__rlimit_resource what, std::uint64_t soft, std::uint64_t hard) {
  rlimit now{};
  ::getrlimit(what, &now);
  const rlimit lower{std::min<rlim_t>(soft, now.rlim_max), std::min<rlim_t>(hard, now.rlim_max)};
  ::setrlimit(what, &lower);
}

/// Handlers belong to the parent. The terminal's signals are the parent's business, too: it ends this process itself.
void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    ::signal(signal, SIG_DFL);
  }
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ}) {
    ::signal(signal, SIG_IGN);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Locks and pipes of the parent must not stay open here; its standard streams are not ours to write to.
void drop_descriptors(int pipe) {
  ::dup2(pipe, pipe_place);
  if (::close_range(pipe_place + 1, ~0U, 0) != 0) {  // Linux has it since 5.9
    for (int number = pipe_place + 1, end = static_cast<int>(std::min<long>(::sysconf(_SC_OPEN_MAX), 1 << 16));
         number < end; ++number) {
      ::close(number);
    }
  }
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int stream = 0; stream < pipe_place && nothing >= 0; ++stream) {
    if (!sanitized || stream != STDERR_FILENO) {
      ::dup2(nothing, stream);
    }
  }
  if (nothing > pipe_place) {
    ::close(nothing);
  }
}

void set_limits(const child_plan& plan) {
  limit(RLIMIT_CORE, 0, 0);
  if (!sanitized) {
    limit(RLIMIT_FSIZE, 0, 0);
  }
  limit(RLIMIT_NOFILE, most_descriptors, most_descriptors);
  limit(RLIMIT_CPU, plan.seconds, plan.seconds + 1);
  limit(RLIMIT_AS, plan.memory, plan.memory);
}

}  // namespace

child_plan plan_child(int pipe, const read_limits& limits) {
  const auto held = addresses();
  return {pipe, ::getpid(), held == 0 ? unlimited : held + limits.memory, limits.seconds};
}

void live_behind_wall(const child_plan& plan, const std::function<void(wall_sink&)>& inside) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != plan.parent) {
    ::_exit(1);  // the parent has ended in between
  }
  reset_signals();
  drop_descriptors(plan.pipe);
  wall_sink sink(pipe_place);
  set_limits(plan);
  try {
    inside(sink);
    sink.finish();
  } catch (...) {
    sink.fail(std::current_exception());
  }
  ::_exit(0);
}

}  // namespace backspike
