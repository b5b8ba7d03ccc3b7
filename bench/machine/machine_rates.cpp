// Compiled with BENCH_LOOPS set to the name of the object, once for each instruction set: see CMakeLists.txt. Plain
// functions only: an inline function compiled here for AVX-512 could be picked by the linker for the whole program.

#include "machine_rates.hpp"

namespace backspike::bench {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t bytes = 64;
#define BENCH_KEEP(x) asm volatile("" : "+v"(x))
#elif defined(__AVX2__)
constexpr std::size_t bytes = 32;
#define BENCH_KEEP(x) asm volatile("" : "+x"(x))
#elif defined(__x86_64__)
constexpr std::size_t bytes = 16;
#define BENCH_KEEP(x) asm volatile("" : "+x"(x))
#else
constexpr std::size_t bytes = 16;
#define BENCH_KEEP(x) asm volatile("" : "+w"(x))
#endif

using vector = float __attribute__((vector_size(bytes)));
constexpr std::size_t lanes = bytes / sizeof(float);
constexpr std::size_t chains = 12;  // independent ones, more than an operation's latency times what starts in a cycle

void stream_add(const float* data, std::size_t floats) {
  vector sum[chains] = {};
  for (std::size_t at = 0; at < floats; at += chains * lanes) {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < chains; ++k) {
      sum[k] += *reinterpret_cast<const vector*>(data + at + k * lanes);
    }
  }
  for (vector& s : sum) {
    BENCH_KEEP(s);
  }
}

/// Runs `step` on every chain so often that its operands never stop being ordinary numbers.
template <class Step>
void run_chains(std::size_t times, Step step) {
  vector x[chains];
#pragma GCC unroll 16
  for (std::size_t k = 0; k < chains; ++k) {
    x[k] = vector{} + 1.5f;
  }
  vector factor = vector{} + 0.5f, term = vector{} + 1.0f;
  BENCH_KEEP(factor);
  BENCH_KEEP(term);
  for (std::size_t t = 0; t < times; ++t) {
#pragma GCC unroll 16
    for (std::size_t k = 0; k < chains; ++k) {  // unrolled, so that the vectors stay in registers
      x[k] = step(x[k], factor, term);
      BENCH_KEEP(x[k]);
    }
  }
}

void add(std::size_t times) {
  run_chains(times, [](vector x, vector, vector term) { return x + term; });
}
void multiply_add(std::size_t times) {
  run_chains(times, [](vector x, vector factor, vector term) { return x * factor + term; });
}
void divide(std::size_t times) {
  run_chains(times, [](vector x, vector, vector term) { return term / x; });
}

}  // namespace

extern const rate_loops BENCH_LOOPS;
const rate_loops BENCH_LOOPS{BENCH_ISA, chains* lanes, stream_add, add, multiply_add, divide, chains* lanes};

}  // namespace backspike::bench
