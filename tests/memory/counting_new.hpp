#pragma once
// Counts the bytes that operator new has handed out and not got back. Belongs to a test program of its own, because it
// replaces the operators of the whole program.

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace backspike::testing {

inline std::atomic<std::size_t> live_bytes{0}, peak_bytes{0}, allocations{0};

inline void* counted(void* p) {
  if (p == nullptr) {
    throw std::bad_alloc();
  }
  ++allocations;
  const std::size_t live = live_bytes += malloc_usable_size(p);
  for (std::size_t peak = peak_bytes; live > peak && !peak_bytes.compare_exchange_weak(peak, live);) {
  }
  return p;
}

inline void give_back(void* p) {
  if (p != nullptr) {
    live_bytes -= malloc_usable_size(p);
    std::free(p);
  }
}

}  // namespace backspike::testing
