#pragma once
// a * b + c, the product rounded before the sum, or both at once. Either is defined to the last bit, so that both give
// the same on every instruction set; where no instruction fuses them, the C library does, slowly.

#include <backspike/scalar/simd.hpp>

namespace backspike::kernels {

template <class V, bool Fused>
inline __attribute__((always_inline)) V multiply_add(const V& a, const V& b, const V& c) {
  if constexpr (!Fused) {
    return c + a * b;
  } else if constexpr (width_of<V> == 1) {
    return __builtin_fmaf(a, b, c);
  } else {
#if defined(__AVX512F__)
    if constexpr (width_of<V> == 16) {
      return _mm512_fmadd_ps(a, b, c);
    }
#endif
#if defined(__FMA__)
    if constexpr (width_of<V> == 8) {
      return _mm256_fmadd_ps(a, b, c);
    }
#endif
    alignas(alignment) float x[width_of<V>], y[width_of<V>], z[width_of<V>];
    store<V>(x, a);
    store<V>(y, b);
    store<V>(z, c);
    for (std::size_t k = 0; k < width_of<V>; ++k) {
      z[k] = __builtin_fmaf(x[k], y[k], z[k]);
    }
    return load<V>(z);
  }
}

}  // namespace backspike::kernels
