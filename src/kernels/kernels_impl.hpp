#pragma once
// The generic kernels; isa_*.cpp instantiate them once per instruction set. Plain pointers only: an inline function of
// the standard library compiled here for AVX-512 could be picked by the linker for the whole program.

#include "kernels/kernel_table.hpp"

namespace backspike::kernels {

/// Keeps Columns * 16 sums in registers over all rows.
template <class V, bool Fused, std::size_t Columns>
inline __attribute__((always_inline)) void accumulate_columns(const accumulate_args& a, std::size_t column) {
  constexpr std::size_t n = Columns * parts<V>;
  V sum[n];
  const float* from = a.from == nullptr ? a.sum : a.from;
  for (std::size_t k = 0; k < n; ++k) {
    sum[k] = load<V>(from + column + k * width_of<V>);
  }
  if (a.values == nullptr) {
    for (std::size_t e = 0; e < a.count; ++e) {
      const float* row = a.rows + a.ids[e] * a.stride + column;
      for (std::size_t k = 0; k < n; ++k) {
        sum[k] = sum[k] + load<V>(row + k * width_of<V>);
      }
    }
  } else {
    for (std::size_t e = 0; e < a.count; ++e) {
      const float* row = a.rows + a.ids[e] * a.stride + column;
      const V factor(a.values[e]);
      for (std::size_t k = 0; k < n; ++k) {
        sum[k] = multiply_add<V, Fused>(factor, load<V>(row + k * width_of<V>), sum[k]);
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    store<V>(a.sum + column + k * width_of<V>, sum[k]);
  }
}

template <class V, bool Fused = false>
void accumulate(const accumulate_args& a) {
  constexpr std::size_t wide = width_of<V> == 16 ? 8 : width_of<V> == 8 ? 4 : 1;
  std::size_t column = 0;
  for (; column + wide * lanes <= a.width; column += wide * lanes) {
    accumulate_columns<V, Fused, wide>(a, column);
  }
  if constexpr (wide >= 4) {
    for (; column + wide / 2 * lanes <= a.width; column += wide / 2 * lanes) {
      accumulate_columns<V, Fused, wide / 2>(a, column);
    }
  }
  for (; column < a.width; column += lanes) {
    accumulate_columns<V, Fused, 1>(a, column);
  }
}

/// The sum of a tile by a fixed tree (halves onto halves): the same order on every instruction set.
template <class V>
float tree_sum(const V (&tile)[parts<V>]) {
  alignas(alignment) float total[lanes];
  for (std::size_t k = 0; k < parts<V>; ++k) {
    store<V>(total + k * width_of<V>, tile[k]);
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      total[k] += total[k + half];
    }
  }
  return total[0];
}

#if defined(__AVX512F__)
/// The same tree in registers, for four sums at once.
inline __m128 tree_sums(__m512 a, __m512 b, __m512 c, __m512 d) {
  const auto eight = [](__m512 x) {
    return _mm256_add_ps(_mm512_castps512_ps256(x), _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)));
  };
  const auto four = [&](__m512 x) {
    const __m256 y = eight(x);
    return _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
  };
  __m128 p = four(a), q = four(b), r = four(c), s = four(d);
  _MM_TRANSPOSE4_PS(p, q, r, s);
  return _mm_add_ps(_mm_add_ps(p, r), _mm_add_ps(q, s));
}
#endif

template <class V>
inline __attribute__((always_inline)) void tree_sum4(const V (&tiles)[4][parts<V>], float* out) {
#if defined(__AVX512F__)
  if constexpr (width_of<V> == 16) {
    _mm_storeu_ps(out, tree_sums(tiles[0][0], tiles[1][0], tiles[2][0], tiles[3][0]));
    return;
  }
#endif
  for (std::size_t r = 0; r < 4; ++r) {
    out[r] = tree_sum<V>(tiles[r]);
  }
}

/// Sixteen partial sums a row; Rows rows at a time share the loads of the vector and hide each other's latency.
template <class V, std::size_t Rows>
inline __attribute__((always_inline)) void dot_rows(const dot_args& a, std::size_t at) {
  V sum[Rows][parts<V>];
  const float* row[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    row[r] = a.rows + a.ids[at + r] * a.stride;
    for (std::size_t k = 0; k < parts<V>; ++k) {
      sum[r][k] = constant<V>(0.0);
    }
  }
  for (std::size_t column = 0; column < a.width; column += lanes) {
    for (std::size_t k = 0; k < parts<V>; ++k) {
      const V v = load<V>(a.vector + column + k * width_of<V>);
      for (std::size_t r = 0; r < Rows; ++r) {
        sum[r][k] = sum[r][k] + load<V>(row[r] + column + k * width_of<V>) * v;
      }
    }
  }
  float total[Rows];
  if constexpr (Rows == 4) {
    tree_sum4<V>(sum, total);
  } else {
    total[0] = tree_sum<V>(sum[0]);
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    a.out[a.ids[at + r] * a.out_stride] += total[r];
  }
}

template <class V>
void dot(const dot_args& a) {
  std::size_t at = 0;
  for (; at + 4 <= a.count; at += 4) {
    dot_rows<V, 4>(a, at);
  }
  for (; at < a.count; ++at) {
    dot_rows<V, 1>(a, at);
  }
}

template <class V, std::size_t... I>
constexpr std::array<cell_functions, cell_count> cell_table(std::index_sequence<I...>) {
  return {make_cell_functions<std::tuple_element_t<I, cell_list>, V>()...};
}

template <class V>
constexpr table make_table(std::string_view name, bool (*supported)(), const table* fused) {
  return {name,
          supported,
          fused,
          cell_table<V>(std::make_index_sequence<cell_count>{}),
          &accumulate<V>,
          &dot<V>,
          &product<V>,
          &positions<V>,
          &nonzeros<V>,
          &squares<V>,
          &eligibility<V, float>,
          &adam<V>,
          &adam_step<V>,
          &tap_add<V>,
          &tap_gather<V>,
          &tap_block<V>,
          &tap_step<V>,
          &interleave<V>,
          &add_apart<V>};
}

/// The same with fused products and sums.
template <class V>
constexpr table make_fused_table(std::string_view name, bool (*supported)()) {
  table t = make_table<V>(name, supported, nullptr);
  t.accumulate = &accumulate<V, true>;
  t.product = &product<V, true>;
  return t;
}

}  // namespace backspike::kernels
