#pragma once
// Eight floats anywhere in memory: the piece in which the taps of a delay are added. Every instruction set treats the
// eight lanes alike, so all give the same bits. Templated on V although its eight lanes do not depend on it: code of
// two instruction sets must never share a symbol.

#include <backspike/scalar/simd.hpp>

#include <cstddef>

namespace backspike::kernels {

inline constexpr std::size_t vec8_lanes = 8;

template <class V>
inline __attribute__((always_inline)) V load_anywhere(const float* p) {
  if constexpr (width_of<V> == 1) {
    return *p;
  } else {
    return V::load_unaligned(p);
  }
}

template <class V>
inline __attribute__((always_inline)) void store_anywhere(float* p, const V& x) {
  if constexpr (width_of<V> == 1) {
    *p = x;
  } else {
    x.store_unaligned(p);
  }
}

/// The compiler must not load x again instead.
template <class V>
inline __attribute__((always_inline)) void keep_in_register(V& x) {
  if constexpr (width_of<V> == 1) {
    asm("" : "+x"(x));
  } else {
    asm("" : "+v"(x.data));
  }
}

template <class V>
struct vec8 {
  static constexpr std::size_t n = width_of<V> < vec8_lanes ? vec8_lanes / width_of<V> : 1;
  V part[n];
};

template <class V>
inline __attribute__((always_inline)) void load_vec8(vec8<V>& x, const float* p) {
  for (std::size_t k = 0; k < vec8<V>::n; ++k) {
    x.part[k] = load_anywhere<V>(p + k * width_of<V>);
  }
}

template <class V>
inline __attribute__((always_inline)) void store_vec8(float* p, const vec8<V>& x) {
  for (std::size_t k = 0; k < vec8<V>::n; ++k) {
    store_anywhere<V>(p + k * width_of<V>, x.part[k]);
  }
}

template <class V>
inline __attribute__((always_inline)) void fill_vec8(vec8<V>& x, float value) {
  for (std::size_t k = 0; k < vec8<V>::n; ++k) {
    x.part[k] = V(value);
  }
}

template <class V>
inline __attribute__((always_inline)) void add_vec8(vec8<V>& x, const vec8<V>& y) {
  for (std::size_t k = 0; k < vec8<V>::n; ++k) {
    x.part[k] = x.part[k] + y.part[k];
  }
}

/// x + a * b, the product rounded by itself.
template <class V>
inline __attribute__((always_inline)) void add_vec8_product(vec8<V>& x, const vec8<V>& a, const vec8<V>& b) {
  for (std::size_t k = 0; k < vec8<V>::n; ++k) {
    x.part[k] = x.part[k] + a.part[k] * b.part[k];
  }
}

#if defined(__AVX__)
/// The sixteen lanes of AVX-512 hold eight in their lower half.
template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) struct vec8<xsimd::batch<float, Arch>> {
  __m256 part;
};

template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) inline
    __attribute__((always_inline)) void load_vec8(vec8<xsimd::batch<float, Arch>>& x, const float* p) {
  x.part = _mm256_loadu_ps(p);
}

template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) inline
    __attribute__((always_inline)) void store_vec8(float* p, const vec8<xsimd::batch<float, Arch>>& x) {
  _mm256_storeu_ps(p, x.part);
}

template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) inline
    __attribute__((always_inline)) void fill_vec8(vec8<xsimd::batch<float, Arch>>& x, float value) {
  x.part = _mm256_set1_ps(value);
}

template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) inline
    __attribute__((always_inline)) void add_vec8(vec8<xsimd::batch<float, Arch>>& x,
                                                 const vec8<xsimd::batch<float, Arch>>& y) {
  x.part = _mm256_add_ps(x.part, y.part);
}

template <class Arch>
requires(width_of<xsimd::batch<float, Arch>> == 16) inline
    __attribute__((always_inline)) void add_vec8_product(vec8<xsimd::batch<float, Arch>>& x,
                                                         const vec8<xsimd::batch<float, Arch>>& a,
                                                         const vec8<xsimd::batch<float, Arch>>& b) {
  x.part = _mm256_add_ps(x.part, _mm256_mul_ps(a.part, b.part));
}
#endif

}  // namespace backspike::kernels
