#pragma once
// The one SIMD type of the kernels: V is float (the scalar reference) or an xsimd batch. A tile is always 16 neurons,
// whatever the width of V, so that every instruction set does the same operations in the same order: same bits.

#include <backspike/core/aligned.hpp>
#include <backspike/scalar/scalar.hpp>

#include <xsimd/xsimd.hpp>

#include <cstdint>

namespace backspike {

template <class V>
inline constexpr std::size_t width_of = 1;
template <class Arch>
inline constexpr std::size_t width_of<xsimd::batch<float, Arch>> = xsimd::batch<float, Arch>::size;

template <class Arch>
struct scalar_traits<xsimd::batch<float, Arch>> {
  using batch = xsimd::batch<float, Arch>;
  static batch constant(double x) { return batch(static_cast<float>(x)); }
  /// x * 2^n for an integer -126 <= n <= 127.
  static batch times_power_of_two(const batch& x, const batch& n) {
#if defined(__AVX512F__)
    if constexpr (batch::size == 16) {  // one instruction; its form without a mask makes gcc 12 warn in its own header
      return _mm512_maskz_scalef_ps(0xffff, x, n);
    }
#endif
    return xsimd::ldexp(x, xsimd::to_int(n));
  }
};

/// Parts of V that make one tile of 16.
template <class V>
inline constexpr std::size_t parts = lanes / width_of<V>;

template <class V>
V load(const float* p) {
  if constexpr (width_of<V> == 1) {
    return *p;
  } else {
    return V::load_aligned(p);
  }
}

template <class V>
void store(float* p, const V& x) {
  if constexpr (width_of<V> == 1) {
    *p = x;
  } else {
    x.store_aligned(p);
  }
}

/// Bit k is set where x[k] > 0.
inline unsigned positive_bits(float x) { return x > 0.0f ? 1u : 0u; }

template <class Arch>
unsigned positive_bits(const xsimd::batch<float, Arch>& x) {
#if defined(__AVX512F__)
  if constexpr (xsimd::batch<float, Arch>::size == 16) {
    return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GT_OQ);
  }
#endif
#if defined(__AVX__)
  if constexpr (xsimd::batch<float, Arch>::size == 8) {
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_GT_OQ)));
  }
#endif
  alignas(alignment) float values[xsimd::batch<float, Arch>::size];
  x.store_aligned(values);
  unsigned bits = 0;
  for (std::size_t k = 0; k < xsimd::batch<float, Arch>::size; ++k) {
    bits |= positive_bits(values[k]) << k;
  }
  return bits;
}

}  // namespace backspike
