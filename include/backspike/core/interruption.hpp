#pragma once
// How a program ends long work of the library from outside (Ctrl-C in Python, the end of the interpreter), wherever
// that work is: thread_pool::for_each asks before and between its items.

#include <cstddef>

namespace backspike {

/// Called on the thread that called the library; throws what the work is to end with.
using interruption_check = void (*)();

/// For the whole process; null: nothing is asked, as at the start.
void set_interruption_check(interruption_check check);

/// Calls the check, at most every 50 ms on each thread.
void check_interruption();

/// The same within a sample, which may be an hour long: at every 256th step.
inline void check_interruption_at(std::size_t step) {
  if (step % 256 == 0) {
    check_interruption();
  }
}

/// While it lives, check_interruption does nothing on this thread: for work that must not end half-way, such as a step
/// of an optimiser.
class uninterrupted {
 public:
  uninterrupted();
  ~uninterrupted();
  uninterrupted(const uninterrupted&) = delete;
  uninterrupted& operator=(const uninterrupted&) = delete;
};

}  // namespace backspike
