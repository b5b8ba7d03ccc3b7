// Asks the program now and then whether long work should end, and not more often than every 50 ms.

#include <backspike/core/interruption.hpp>

#include <atomic>
#include <chrono>

namespace backspike {
namespace {

using clock = std::chrono::steady_clock;

std::atomic<interruption_check> asked{nullptr};
thread_local int held = 0;
thread_local clock::time_point next{};

}  // namespace

void set_interruption_check(interruption_check check) { asked.store(check, std::memory_order_release); }

void check_interruption() {
  const interruption_check check = asked.load(std::memory_order_acquire);
  if (check == nullptr || held > 0) {
    return;
  }
  const auto now = clock::now();
  if (now >= next) {
    next = now + std::chrono::milliseconds(50);
    check();
  }
}

uninterrupted::uninterrupted() { ++held; }

uninterrupted::~uninterrupted() { --held; }

}  // namespace backspike
