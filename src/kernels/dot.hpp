#pragma once
// Dot products where only some neurons are asked for: the transposed product within a surrogate's support.

#include "kernels/multiply_add.hpp"

#include <cstddef>
#include <cstdint>

namespace backspike::kernels {

/// out[ids[k]] += dot(rows[ids[k]], vector) over width floats: the transposed product of one step, only where it is
/// asked for.
struct dot_args {
  float* out;
  const float* rows;
  std::size_t stride, width;
  const std::uint32_t* ids;
  std::size_t count;
  const float* vector;
};

/// The same for the 16 neurons of a tile and many steps: bit k of the mask of asked-for neurons of all steps stands for
/// neuron k % 16 in step k / 16, out[k / 16 * out_stride + k % 16] += dot(rows[k % 16], vectors[k / 16]).
struct tile_dot_args {
  float* out;
  std::size_t out_stride;
  const float* rows;
  std::size_t stride;
  const float* vectors;
  std::size_t vector_stride, width;
  const std::uint32_t* ids;
  std::size_t count;
};

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

/// Count products, sixteen partial sums each, which hide each other's latency. Together: all with the first vector,
/// which is loaded once.
template <class V, bool Fused, std::size_t Count, bool Together>
inline __attribute__((always_inline)) void dot_products(const float* const (&row)[Count],
                                                        const float* const (&vector)[Count], std::size_t width,
                                                        float (&total)[Count]) {
  V sum[Count][parts<V>];
  for (std::size_t r = 0; r < Count; ++r) {
    for (std::size_t k = 0; k < parts<V>; ++k) {
      sum[r][k] = constant<V>(0.0);
    }
  }
  for (std::size_t column = 0; column < width; column += lanes) {
    for (std::size_t k = 0; k < parts<V>; ++k) {
      const std::size_t at = column + k * width_of<V>;
      const V first = load<V>(vector[0] + at);
      for (std::size_t r = 0; r < Count; ++r) {
        sum[r][k] = multiply_add<V, Fused>(load<V>(row[r] + at), Together ? first : load<V>(vector[r] + at), sum[r][k]);
      }
    }
  }
  if constexpr (Count == 4) {
    tree_sum4<V>(sum, total);
  } else {
    for (std::size_t r = 0; r < Count; ++r) {
      total[r] = tree_sum<V>(sum[r]);
    }
  }
}

template <class V, bool Fused, std::size_t Rows>
inline __attribute__((always_inline)) void dot_rows(const dot_args& a, std::size_t at) {
  const float *row[Rows], *vector[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    row[r] = a.rows + a.ids[at + r] * a.stride;
    vector[r] = a.vector;
  }
  float total[Rows];
  dot_products<V, Fused, Rows, true>(row, vector, a.width, total);
  for (std::size_t r = 0; r < Rows; ++r) {
    a.out[a.ids[at + r]] += total[r];
  }
}

template <class V, bool Fused = false>
void dot(const dot_args& a) {
  std::size_t at = 0;
  for (; at + 4 <= a.count; at += 4) {
    dot_rows<V, Fused, 4>(a, at);
  }
  for (; at < a.count; ++at) {
    dot_rows<V, Fused, 1>(a, at);
  }
}

/// Together: all of the same step.
template <class V, bool Fused, std::size_t Count, bool Together>
inline __attribute__((always_inline)) void tile_dot_some(const tile_dot_args& a, const std::uint32_t* ids) {
  const float *row[Count], *vector[Count];
  for (std::size_t r = 0; r < Count; ++r) {
    row[r] = a.rows + ids[r] % lanes * a.stride;
    vector[r] = a.vectors + ids[r] / lanes * a.vector_stride;
  }
  float total[Count];
  dot_products<V, Fused, Count, Together>(row, vector, a.width, total);
  for (std::size_t r = 0; r < Count; ++r) {
    a.out[ids[r] / lanes * a.out_stride + ids[r] % lanes] += total[r];
  }
}

/// Four at a time whatever step they are of: no loop whose length nobody can predict, for two loads a product.
template <class V, bool Fused>
void tile_dot_list(const tile_dot_args& a) {
  std::size_t at = 0;
  for (; at + 4 <= a.count; at += 4) {
    tile_dot_some<V, Fused, 4, false>(a, a.ids + at);
  }
  for (; at < a.count; ++at) {
    tile_dot_some<V, Fused, 1, true>(a, a.ids + at);
  }
}

/// Step by step, up to four at a time: fewer loads.
template <class V, bool Fused>
void tile_dot_steps(const tile_dot_args& a) {
  for (std::size_t at = 0; at < a.count;) {
    const std::uint32_t* ids = a.ids + at;
    std::size_t n = 1;
    while (n < 4 && at + n < a.count && ids[n] / lanes == ids[0] / lanes) {
      ++n;
    }
    switch (n) {
      case 4:
        tile_dot_some<V, Fused, 4, true>(a, ids);
        break;
      case 3:
        tile_dot_some<V, Fused, 3, true>(a, ids);
        break;
      case 2:
        tile_dot_some<V, Fused, 2, true>(a, ids);
        break;
      default:
        tile_dot_some<V, Fused, 1, true>(a, ids);
    }
    at += n;
  }
}

/// Where a row takes twice the instructions, loads cost more than a branch that was not foreseen.
template <class V, bool Fused = false>
void tile_dot(const tile_dot_args& a) {
  if constexpr (width_of<V> == 16) {
    tile_dot_list<V, Fused>(a);
  } else {
    tile_dot_steps<V, Fused>(a);
  }
}

}  // namespace backspike::kernels
