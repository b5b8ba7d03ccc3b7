#pragma once
// Between eight rows side by side and rows of eight: moves numbers, eight by eight of them in registers at a time.

#include <backspike/scalar/simd.hpp>

#include <cstddef>

namespace backspike::kernels {

inline constexpr std::size_t interleaved = 8;

/// out[n * stride + r] = rows[r][n] for n < count, r < used; a row that is null counts as zeros.
struct interleave_args {
  float* out;
  std::size_t stride;
  const float* const* rows;  // [8]
  std::size_t count;
  std::size_t used = interleaved;  // what lies behind in a row of eight stays as it is
};

/// rows[r][n] += in[n * stride + r] for n < count; a row that is null is left out.
struct add_apart_args {
  float* const* rows;  // [8]
  const float* in;
  std::size_t stride;
  std::size_t count;
};

namespace detail {

// Templated on V although they do not depend on it: code of two instruction sets must never share a symbol.
template <class V>
struct square8 {
  typedef float row __attribute__((vector_size(interleaved * sizeof(float))));  // split by the compiler where it must
  row of[interleaved];
};

/// A null row counts as zeros.
template <class V>
inline __attribute__((always_inline)) void load_row8(typename square8<V>::row& x, const float* p) {
  x = typename square8<V>::row{};
  if (p != nullptr) {
    __builtin_memcpy(&x, p, sizeof x);
  }
}

/// By pairs, by fours, by halves: within the 128 bits that shuffles stay in, then across them.
template <class V>
inline __attribute__((always_inline)) void transpose8(square8<V>& x) {
  square8<V> y;
  for (std::size_t r = 0; r < interleaved; r += 2) {
    y.of[r] = __builtin_shufflevector(x.of[r], x.of[r + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    y.of[r + 1] = __builtin_shufflevector(x.of[r], x.of[r + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (std::size_t r = 0; r < interleaved; r += 4) {
    for (std::size_t k = 0; k < 2; ++k) {
      x.of[r + 2 * k] = __builtin_shufflevector(y.of[r + k], y.of[r + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      x.of[r + 2 * k + 1] = __builtin_shufflevector(y.of[r + k], y.of[r + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (std::size_t r = 0; r < 4; ++r) {
    y.of[r] = __builtin_shufflevector(x.of[r], x.of[r + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    y.of[r + 4] = __builtin_shufflevector(x.of[r], x.of[r + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  x = y;
}

}  // namespace detail

template <class V>
void interleave(const interleave_args& a) {
  std::size_t n = 0;
  for (; n + interleaved <= a.count && a.used == interleaved; n += interleaved) {
    detail::square8<V> x;
    for (std::size_t r = 0; r < interleaved; ++r) {
      detail::load_row8<V>(x.of[r], a.rows[r] == nullptr ? nullptr : a.rows[r] + n);
    }
    detail::transpose8<V>(x);
    for (std::size_t r = 0; r < interleaved; ++r) {
      __builtin_memcpy(a.out + (n + r) * a.stride, &x.of[r], sizeof x.of[r]);
    }
  }
  for (; n < a.count; ++n) {
    for (std::size_t r = 0; r < a.used; ++r) {
      a.out[n * a.stride + r] = a.rows[r] == nullptr ? 0.0f : a.rows[r][n];
    }
  }
}

template <class V>
void add_apart(const add_apart_args& a) {
  std::size_t n = 0;
  for (; n + interleaved <= a.count; n += interleaved) {
    detail::square8<V> x;
    for (std::size_t r = 0; r < interleaved; ++r) {
      detail::load_row8<V>(x.of[r], a.in + (n + r) * a.stride);
    }
    detail::transpose8<V>(x);
    for (std::size_t r = 0; r < interleaved; ++r) {
      if (a.rows[r] != nullptr) {
        typename detail::square8<V>::row sum;
        detail::load_row8<V>(sum, a.rows[r] + n);
        sum += x.of[r];
        __builtin_memcpy(a.rows[r] + n, &sum, sizeof sum);
      }
    }
  }
  for (; n < a.count; ++n) {
    for (std::size_t r = 0; r < interleaved; ++r) {
      if (a.rows[r] != nullptr) {
        a.rows[r][n] += a.in[n * a.stride + r];
      }
    }
  }
}

}  // namespace backspike::kernels
