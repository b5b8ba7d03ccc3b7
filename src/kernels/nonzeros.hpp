#pragma once
// From a dense row to the places that hold something: how a stream's row, and the outputs of a layer, become events.
// Like `positions` without branches on the values where the instruction set allows.

#include "kernels/positions.hpp"

namespace backspike::kernels {

struct nonzeros_args {
  const float* values;  // anywhere in memory
  std::size_t count;
  std::uint32_t* ids;  // [position_room(count)] of those that are not zero, ascending
  float* kept;         // [position_room(count)] what they are
};

struct nonzeros_found {
  std::size_t count = 0;
  bool graded = false;  // one of them is not 1
};

namespace detail {

inline __attribute__((always_inline)) void keep_nonzero(const nonzeros_args& a, std::size_t k, nonzeros_found& found) {
  const float x = a.values[k];
  a.ids[found.count] = static_cast<std::uint32_t>(k);
  a.kept[found.count] = x;
  found.count += x != 0.0f ? 1u : 0u;
  found.graded = found.graded || (x != 0.0f && x != 1.0f);
}

}  // namespace detail

template <class V>
nonzeros_found nonzeros(const nonzeros_args& a) {
  nonzeros_found found;
  std::size_t k = 0;
#if defined(__AVX512F__)
  if constexpr (width_of<V> == 16) {
    const __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    unsigned graded = 0;
    for (; k < a.count; k += lanes) {
      const std::size_t left = a.count - k;
      const auto there = static_cast<__mmask16>(left < lanes ? (1u << left) - 1u : 0xffffu);
      const __m512 x = _mm512_maskz_loadu_ps(there, a.values + k);
      const __mmask16 bits = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ);
      const __m512i here = _mm512_add_epi32(index, _mm512_set1_epi32(static_cast<int>(k)));
      _mm512_storeu_si512(a.ids + found.count, _mm512_maskz_compress_epi32(bits, here));
      _mm512_storeu_ps(a.kept + found.count, _mm512_maskz_compress_ps(bits, x));
      graded |= bits & _mm512_cmp_ps_mask(x, _mm512_set1_ps(1.0f), _CMP_NEQ_UQ);
      found.count += detail::count_16(bits);
    }
    found.graded = graded != 0;
    return found;
  }
#endif
#if defined(__AVX2__)
  if constexpr (width_of<V> == 8) {
    int graded = 0;
    for (; k + 8 <= a.count; k += 8) {
      const __m256 x = _mm256_loadu_ps(a.values + k);
      const __m256 something = _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_NEQ_UQ);
      const auto byte = static_cast<unsigned>(_mm256_movemask_ps(something));
      const __m256i order = detail::order_of<V>(byte);
      const __m256i here = _mm256_add_epi32(order, _mm256_set1_epi32(static_cast<int>(k)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(a.ids + found.count), here);
      _mm256_storeu_ps(a.kept + found.count, _mm256_permutevar8x32_ps(x, order));
      graded |= _mm256_movemask_ps(_mm256_and_ps(something, _mm256_cmp_ps(x, _mm256_set1_ps(1.0f), _CMP_NEQ_UQ)));
      found.count += detail::count_16(byte);
    }
    found.graded = graded != 0;
  }
#endif
  for (; k < a.count; ++k) {
    detail::keep_nonzero(a, k, found);
  }
  return found;
}

}  // namespace backspike::kernels
