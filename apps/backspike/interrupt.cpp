// The handler of Ctrl-C and SIGTERM. It may call almost nothing, since it can run at any moment.

#include "interrupt.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace backspike::app {
namespace {

volatile std::sig_atomic_t received = 0, keeps_order = 0;
volatile std::sig_atomic_t clears_line = 0;

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());  // nothing else is safe here
}

extern "C" void on_signal(int signal) {
  if (keeps_order != 0 && received == 0) {
    received = signal;
    return;
  }
  if (clears_line != 0) {
    say("\r\x1b[2K");
  }
  say("backspike: stopped\n");
  ::_exit(128 + signal);
}

}  // namespace

void catch_interrupts() {
  clears_line = ::isatty(STDERR_FILENO) == 1 ? 1 : 0;
  struct sigaction handler {};
  handler.sa_handler = on_signal;
  handler.sa_flags = SA_RESTART;  // a write that is under way goes on
  ::sigaction(SIGINT, &handler, nullptr);
  ::sigaction(SIGTERM, &handler, nullptr);
}

void finish_first() { keeps_order = 1; }

int interrupted() { return received; }

}  // namespace backspike::app
