#include <backspike/core/thread_pool.hpp>

#include <sched.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace backspike {

/// The loops of a training step follow each other within microseconds, and waking a thread takes longer: whoever waits
/// looks again for that long before sleeping. Bounded, so that a thread that has no processor is not waited for by one
/// that burns it.
template <class Condition>
void look_for_a_while(const Condition& met) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::microseconds(50);
  while (!met() && clock::now() < end) {
    for (int k = 0; k < 32 && !met(); ++k) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  }
}

/// One round is one for_each. Everything but the atomics is guarded by the mutex.
struct thread_pool::shared {
  std::mutex mutex;
  std::condition_variable start, finished;
  const std::function<void(std::size_t, std::size_t)>* body = nullptr;
  std::size_t items = 0;
  std::atomic<std::size_t> running{0};  // written under the mutex, looked at without it
  std::atomic<std::uint64_t> round{0};  // the same
  bool stopping = false;
  std::exception_ptr error;
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> workers;

  void work(std::size_t worker) {
    for (std::size_t item = next.fetch_add(1); item < items; item = next.fetch_add(1)) {
      try {
        (*body)(item, worker);
      } catch (...) {
        const std::lock_guard lock(mutex);
        error = error ? error : std::current_exception();
        next = items;  // the remaining items are skipped
      }
    }
  }

  void wait_for_rounds(std::size_t worker) {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex);
    while (true) {
      lock.unlock();
      look_for_a_while([&] { return round.load(std::memory_order_relaxed) != seen; });
      lock.lock();
      start.wait(lock, [&] { return stopping || round != seen; });
      if (stopping) {
        return;
      }
      seen = round;
      lock.unlock();
      work(worker);
      lock.lock();
      if (--running == 0) {
        finished.notify_one();
      }
    }
  }
};

thread_pool::thread_pool(std::size_t threads) : shared_(std::make_unique<shared>()) {
  const std::size_t count = threads == 0 ? available_processors() : threads;
  for (std::size_t worker = 1; worker < count; ++worker) {
    shared_->workers.emplace_back([this, worker] { shared_->wait_for_rounds(worker); });
  }
}

thread_pool::~thread_pool() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopping = true;
  }
  shared_->start.notify_all();
  for (std::thread& t : shared_->workers) {
    t.join();
  }
}

std::size_t thread_pool::threads() const { return shared_->workers.size() + 1; }

void thread_pool::for_each(std::size_t items, const std::function<void(std::size_t, std::size_t)>& body) {
  shared& s = *shared_;
  {
    const std::lock_guard lock(s.mutex);
    s.body = &body;
    s.items = items;
    s.next = 0;
    s.running = s.workers.size();
    s.error = nullptr;
    ++s.round;
  }
  s.start.notify_all();
  s.work(0);
  look_for_a_while([&] { return s.running.load(std::memory_order_relaxed) == 0; });
  std::unique_lock lock(s.mutex);
  s.finished.wait(lock, [&] { return s.running == 0; });
  if (s.error) {
    std::rethrow_exception(s.error);
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

}  // namespace backspike
