#pragma once
// A fixed set of workers that run `body(item, worker)` for items 0 .. n-1. Which worker takes which item is not
// determined; the body must write only to places that its item owns, so that results never depend on it. An item must
// not wait for another: one thread may have to run them all.

#include <cstddef>
#include <functional>
#include <memory>

namespace backspike {

class thread_pool {
 public:
  /// threads = 0: one per processor this process may use, within the thread_limit of the caller's thread. The caller's
  /// thread is one of them. Where the system refuses a thread (a limit on processes or memory), the pool has fewer:
  /// threads() tells how many, and no result depends on it.
  explicit thread_pool(std::size_t threads = 0);
  ~thread_pool();
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  std::size_t threads() const;
  /// Runs the body for every item and returns when all are done. The first exception thrown is rethrown here; the
  /// remaining items are then skipped; so they are when check_interruption (core/interruption.hpp), which is asked
  /// before and between items, throws. Not reentrant. In a child of fork() the workers, which did not come along, are
  /// made anew.
  void for_each(std::size_t items, const std::function<void(std::size_t item, std::size_t worker)>& body);

 private:
  struct shared;
  void renew_after_fork();
  std::unique_ptr<shared> shared_;
};

/// Processors this process may use (affinity mask), at least 1.
std::size_t available_processors();

/// While it lives, pools that the same thread makes with threads = 0 have at most `most` threads; 0: no limit. For
/// callers of functions that make pools of their own, such as readers.
class thread_limit {
 public:
  explicit thread_limit(std::size_t most);
  ~thread_limit();
  thread_limit(const thread_limit&) = delete;
  thread_limit& operator=(const thread_limit&) = delete;

 private:
  std::size_t before_;
};

}  // namespace backspike
