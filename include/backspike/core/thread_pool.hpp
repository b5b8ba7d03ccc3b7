#pragma once
// A fixed set of workers that run `body(item, worker)` for items 0 .. n-1. Which worker takes which item is not
// determined; the body must write only to places that its item owns, so that results never depend on it.

#include <cstddef>
#include <functional>
#include <memory>

namespace backspike {

class thread_pool {
 public:
  /// threads = 0: one per processor this process may use. The caller's thread is one of them.
  explicit thread_pool(std::size_t threads = 0);
  ~thread_pool();
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  std::size_t threads() const;
  /// Runs the body for every item and returns when all are done. The first exception thrown is rethrown here; the
  /// remaining items are then skipped. Not reentrant.
  void for_each(std::size_t items, const std::function<void(std::size_t item, std::size_t worker)>& body);

 private:
  struct shared;
  std::unique_ptr<shared> shared_;
};

/// Processors this process may use (affinity mask), at least 1.
std::size_t available_processors();

}  // namespace backspike
