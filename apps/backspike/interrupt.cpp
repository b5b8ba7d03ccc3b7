#include "interrupt.hpp"

#include <unistd.h>

#include <csignal>

namespace backspike::app {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void on_signal(int signal) {
  if (received != 0) {
    ::_exit(128 + signal);
  }
  received = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction handler {};
  handler.sa_handler = on_signal;
  handler.sa_flags = SA_RESTART;  // a write that is under way goes on
  ::sigaction(SIGINT, &handler, nullptr);
  ::sigaction(SIGTERM, &handler, nullptr);
}

int interrupted() { return received; }

}  // namespace backspike::app
