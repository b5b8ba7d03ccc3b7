#pragma once
// The sum of squares in double precision: the norm of a gradient. Sixteen sums, one a lane, and a fixed tree at the
// end: the same bits on every instruction set. A serial sum waits four cycles for each number.

#include <backspike/scalar/simd.hpp>

#include <cstddef>

namespace backspike::kernels {

/// count: a multiple of 16. The square of a float is exact in double precision.
template <class V>
double squares(const float* values, std::size_t count) {
  constexpr std::size_t half = lanes / 2;
  typedef float floats __attribute__((vector_size(half * sizeof(float))));  // the compiler splits them where it must
  typedef double doubles __attribute__((vector_size(half * sizeof(double))));
  doubles low{}, high{};
  for (std::size_t k = 0; k < count; k += lanes) {
    floats a, b;
    __builtin_memcpy(&a, values + k, sizeof a);
    __builtin_memcpy(&b, values + k + half, sizeof b);
    const doubles x = __builtin_convertvector(a, doubles), y = __builtin_convertvector(b, doubles);
    low += x * x;
    high += y * y;
  }
  low += high;
  double sum[half];
  __builtin_memcpy(sum, &low, sizeof sum);
  for (std::size_t n = half / 2; n > 0; n /= 2) {
    for (std::size_t k = 0; k < n; ++k) {
      sum[k] += sum[k + n];
    }
  }
  return sum[0];
}

}  // namespace backspike::kernels
