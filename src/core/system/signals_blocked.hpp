#pragma once
// Keeps signals away while threads or processes are made; the thread pool and the wall need it.

#include <pthread.h>

#include <csignal>

namespace backspike {

/// While it lives, no signal is delivered to this thread or to the threads and processes that it makes: no handler runs
/// in a child that is not set up yet, and a signal stays with the caller, whose blocked read it interrupts. Those that
/// a fault of the thread itself raises are let through: a crash is then told by whoever handles it.
class signals_blocked {
 public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
      sigdelset(&all, own);
    }
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace backspike
