// Counts the forks of this process, so that a thread pool notices that it is in a child, where its threads do not
// exist.

#include <backspike/core/forks.hpp>

#include <pthread.h>

#include <atomic>

namespace backspike {
namespace {

std::atomic<std::uint64_t> generation{0};

extern "C" void count_fork() { generation.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

std::uint64_t fork_generation() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, count_fork);  // cheaper than getpid() at every look
  static_cast<void>(registered);
  return generation.load(std::memory_order_relaxed);
}

}  // namespace backspike
