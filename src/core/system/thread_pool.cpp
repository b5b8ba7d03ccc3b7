// The workers behind core/thread_pool.hpp. Most loops of a training step last microseconds, so workers look for work
// for a moment before they sleep, and nobody waits for a worker that comes too late.

#include <backspike/core/thread_pool.hpp>

#include <backspike/core/forks.hpp>
#include <backspike/core/interruption.hpp>

#include "core/system/signals_blocked.hpp"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace backspike {
namespace {

using clock = std::chrono::steady_clock;

/// Waking a thread takes longer than this: a loop that is over by then is done before help arrives.
constexpr auto short_round = std::chrono::microseconds(20);
/// So many short loops in a row, and the next is taken to be short, too: nobody is woken for it beforehand. If it was
/// not, its first item is done by the caller alone.
constexpr std::size_t many_short_rounds = 16;

thread_local std::size_t limit_of_this_thread = 0;  // 0: none

/// The loops of a training step follow each other within microseconds, and waking a thread takes longer: whoever waits
/// looks again for that long before sleeping. Bounded, so that a thread that has no processor is not waited for by one
/// that burns it.
template <class Condition>
void look_for_a_while(const Condition& met) {
  const auto end = clock::now() + std::chrono::microseconds(50);
  while (!met() && clock::now() < end) {
    for (int k = 0; k < 32 && !met(); ++k) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
}

}  // namespace

/// One round is one for_each. Everything but the atomics is guarded by the mutex. A worker takes part only if it comes
/// while the round is open; nobody waits for one that does not come, which on a busy machine may take milliseconds.
struct thread_pool::shared {
  std::uint64_t generation = fork_generation();
  std::mutex mutex;
  std::condition_variable start, finished;
  const std::function<void(std::size_t, std::size_t)>* body = nullptr;
  std::size_t items = 0;
  bool open = false;
  std::atomic<std::size_t> inside{0};   // workers in the round; written under the mutex, looked at without it
  std::atomic<std::uint64_t> round{0};  // the same
  std::atomic<bool> expected{true};     // that a round worth waiting for follows soon
  std::size_t short_rounds = 0;         // in a row; the caller's alone
  bool stopping = false;
  std::exception_ptr error;
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;

  /// As many workers as the system lets us have.
  void hire(std::size_t count) {
    const signals_blocked blocked;
    workers.reserve(count);
    try {
      while (workers.size() < count) {
        workers.emplace_back([this, worker = workers.size() + 1] { wait_for_rounds(worker); });
      }
    } catch (const std::system_error&) {  // a limit on processes or threads, or no memory for a stack
    } catch (const std::bad_alloc&) {
    }
  }

  template <class Before>
  void work(std::size_t worker, const Before& before_each) {
    for (std::size_t item = next.fetch_add(1); item < items; item = next.fetch_add(1)) {
      try {
        before_each();
        (*body)(item, worker);
      } catch (...) {
        const std::lock_guard lock(mutex);
        error = error ? error : std::current_exception();
        next = items;  // the remaining items are skipped
      }
    }
  }

  void wait_for_rounds(std::size_t worker) {
    const uninterrupted caller_is_asked;
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex);
    while (true) {
      lock.unlock();
      look_for_a_while(
          [&] { return round.load(std::memory_order_relaxed) != seen || !expected.load(std::memory_order_relaxed); });
      lock.lock();
      start.wait(lock, [&] { return stopping || (open && round != seen); });
      if (stopping) {
        return;
      }
      seen = round;
      ++inside;
      lock.unlock();
      work(worker, [] {});
      lock.lock();
      if (--inside == 0) {
        finished.notify_one();
      }
    }
  }

  void wake(std::size_t count) {
    if (count >= workers.size()) {
      start.notify_all();
      return;
    }
    for (std::size_t k = 0; k < count; ++k) {
      start.notify_one();
    }
  }

  void open_round(std::size_t count, const std::function<void(std::size_t, std::size_t)>& what) {
    const std::lock_guard lock(mutex);
    body = &what;
    items = count;
    next = 0;
    error = nullptr;
    open = true;
    ++round;
  }

  /// Waits for those who came.
  void close_round() {
    {
      const std::lock_guard lock(mutex);
      open = false;
    }
    look_for_a_while([&] { return inside.load(std::memory_order_relaxed) == 0; });
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return inside == 0; });
  }

  void run(std::size_t count, const std::function<void(std::size_t, std::size_t)>& what) {
    const auto began = clock::now();
    const std::size_t helpers = count - 1;
    bool woken = short_rounds < many_short_rounds;
    open_round(count, what);
    if (woken) {
      wake(helpers);
    }
    work(0, [&] {
      check_interruption();
      if (!woken && clock::now() - began > short_round) {
        woken = true;
        wake(helpers);
      }
    });
    close_round();
    short_rounds = clock::now() - began < short_round ? short_rounds + 1 : 0;
    expected.store(short_rounds < many_short_rounds, std::memory_order_relaxed);
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    expected = false;
    start.notify_all();
    for (std::thread& t : workers) {
      t.join();
    }
  }
};

thread_pool::thread_pool(std::size_t threads) : shared_(std::make_unique<shared>()) {
  std::size_t count = threads;
  if (count == 0) {
    count = available_processors();
    count = limit_of_this_thread > 0 ? std::min(count, limit_of_this_thread) : count;
  }
  shared_->hire(count - 1);
}

thread_pool::~thread_pool() {
  if (shared_->generation == fork_generation()) {
    shared_->stop();
  } else {
    static_cast<void>(shared_.release());  // its threads are not in this process: nothing here can be waited for
  }
}

std::size_t thread_pool::threads() const { return shared_->workers.size() + 1; }

/// What was there is left alone: its mutex may be locked by a thread that is not in this process.
void thread_pool::renew_after_fork() {
  auto fresh = std::make_unique<shared>();
  fresh->hire(shared_->workers.size());
  static_cast<void>(shared_.release());
  shared_ = std::move(fresh);
}

void thread_pool::for_each(std::size_t items, const std::function<void(std::size_t, std::size_t)>& body) {
  if (shared_->generation != fork_generation()) {
    renew_after_fork();
  }
  check_interruption();
  shared& s = *shared_;
  if (items <= 1 || s.workers.empty()) {
    for (std::size_t item = 0; item < items; ++item) {
      check_interruption();
      body(item, 0);
    }
    return;
  }
  s.run(items, body);
  if (s.error) {
    std::rethrow_exception(std::exchange(s.error, nullptr));
  }
}

std::size_t available_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    const int count = CPU_COUNT(&set);
    return count > 0 ? static_cast<std::size_t>(count) : 1;
  }
  const unsigned count = std::thread::hardware_concurrency();
  return count > 0 ? count : 1;
}

thread_limit::thread_limit(std::size_t most) : before_(limit_of_this_thread) {
  if (most > 0) {
    limit_of_this_thread = before_ > 0 ? std::min(before_, most) : most;
  }
}

thread_limit::~thread_limit() { limit_of_this_thread = before_; }

}  // namespace backspike
