#pragma once
// The product where activity is dense: many rows of factors at once, so that a weight that was fetched serves all of
// them. Every sum runs over the factors in ascending order, one product and one sum at a time: the bits are those of
// `accumulate` on one row, however the rows are grouped, and a factor of 0 changes nothing.
//
// The matrix is packed into panels of 16 columns, [width / 16][panel][16]: a panel is read as one stream, where rows of
// a power of two floats would fall onto a few sets of the caches.

#include "kernels/bfloat16.hpp"
#include "kernels/multiply_add.hpp"

#include <cstddef>

namespace backspike::kernels {

/// out[r][c] += sum_k factors[r][k] * matrix(k, c) for k < depth, c < width.
struct product_args {
  float* const* out;
  const float* const* factors;
  std::size_t rows;
  const float* panels;
  std::size_t panel;         // rows of a panel, at least depth
  std::size_t depth, width;  // width: a multiple of 16
};

/// How a product is added to its sum: rounded twice, or once, or both factors pairs of bfloat16, the depth half.
template <bool Fused>
struct float_sum {
  template <class V>
  static inline __attribute__((always_inline)) V add(const V& a, const V& b, const V& sum) {
    return multiply_add<V, Fused>(a, b, sum);
  }
};
struct pair_sum {
  template <class V>
  static inline __attribute__((always_inline)) V add(const V& a, const V& b, const V& sum) {
    return detail::add_pair<V>(a, b, sum);
  }
};

namespace detail {

/// Rows by Parts vectors of sums stay in registers over the whole depth.
template <class V, class Sum, std::size_t Rows, std::size_t Parts>
inline __attribute__((always_inline)) void product_block(const product_args& a, std::size_t row, std::size_t column) {
  V sum[Rows][Parts];
  const float* factors[Rows];
  const float* weights[Parts];
  for (std::size_t k = 0; k < Parts; ++k) {
    const std::size_t at = column + k * width_of<V>;
    weights[k] = a.panels + at / lanes * a.panel * lanes + at % lanes;
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    factors[r] = a.factors[row + r];
    for (std::size_t k = 0; k < Parts; ++k) {
      sum[r][k] = load<V>(a.out[row + r] + column + k * width_of<V>);
    }
  }
  for (std::size_t d = 0; d < a.depth; ++d) {
    V weight[Parts];
    for (std::size_t k = 0; k < Parts; ++k) {
      weight[k] = load<V>(weights[k] + d * lanes);
    }
    for (std::size_t r = 0; r < Rows; ++r) {
      const V factor(factors[r][d]);
      for (std::size_t k = 0; k < Parts; ++k) {
        sum[r][k] = Sum::template add<V>(factor, weight[k], sum[r][k]);
      }
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t k = 0; k < Parts; ++k) {
      store<V>(a.out[row + r] + column + k * width_of<V>, sum[r][k]);
    }
  }
}

/// All rows for a few vectors of columns: blocks of Rows, and what is left in smaller ones.
template <class V, class Sum, std::size_t Rows, std::size_t Parts>
inline __attribute__((always_inline)) void product_columns(const product_args& a, std::size_t row, std::size_t column) {
  for (; row + Rows <= a.rows; row += Rows) {
    product_block<V, Sum, Rows, Parts>(a, row, column);
  }
  if constexpr (Rows > 1) {
    product_columns<V, Sum, (Rows > 8 ? 8 : Rows / 2), Parts>(a, row, column);
  }
}

/// One or two rows: sums of several vectors hide each other's latency.
template <class V, class Sum, std::size_t Rows>
inline __attribute__((always_inline)) void product_few(const product_args& a) {
  constexpr std::size_t wide = 4;
  std::size_t column = 0;
  for (; column + wide * width_of<V> <= a.width; column += wide * width_of<V>) {
    product_block<V, Sum, Rows, wide>(a, 0, column);
  }
  for (; column < a.width; column += width_of<V>) {
    product_block<V, Sum, Rows, 1>(a, 0, column);
  }
}

}  // namespace detail

/// Blocks of 14 rows by two vectors where there are 32 registers: a factor that was fetched serves both, else fetching
/// one for each product is what takes longest. 8 rows by one vector where there are 16.
template <class V, class Sum>
void product(const product_args& a) {
  if (a.rows == 1) {
    detail::product_few<V, Sum, 1>(a);
  } else if (a.rows == 2) {
    detail::product_few<V, Sum, 2>(a);
  } else {
    constexpr std::size_t rows = width_of<V> == 16 ? 14 : 8, wide = width_of<V> == 16 ? 2 : 1;
    std::size_t column = 0;
    for (; column + wide * width_of<V> <= a.width; column += wide * width_of<V>) {
      detail::product_columns<V, Sum, rows, wide>(a, 0, column);
    }
    for (; column < a.width; column += width_of<V>) {
      detail::product_columns<V, Sum, rows, 1>(a, 0, column);
    }
  }
}

}  // namespace backspike::kernels
