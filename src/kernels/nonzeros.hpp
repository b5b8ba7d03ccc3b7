#pragma once
// From a dense row to the places that hold something: how a stream's row, and the outputs of a layer, become events.
// Like `compact_spikes` without branches on the values where the instruction set allows.

#include "kernels/compact_spikes.hpp"

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

#if defined(__AVX512F__)
/// In groups of 64.
template <class V>
BACKSPIKE_BYTES std::size_t nonzero_ids_by_bytes(const nonzeros_args& a) {
  const __m512i bytes = first_bytes<V>();
  std::size_t n = 0;
  for (std::size_t first = 0; first < a.count; first += 64) {
    std::uint64_t bits = 0;
    for (std::size_t k = 0; k < 64 && first + k < a.count; k += lanes) {
      const std::size_t left = a.count - first - k;
      const auto there = static_cast<__mmask16>(left < lanes ? (1u << left) - 1u : 0xffffu);
      const __m512 x = _mm512_maskz_loadu_ps(there, a.values + first + k);
      bits |= static_cast<std::uint64_t>(_mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_UQ)) << k;
    }
    n += compress_64<V>(bits, first, bytes, a.ids + n);
  }
  return n;
}
#endif

template <class V>
std::size_t nonzero_ids(const nonzeros_args& a) {
#if defined(__AVX512F__)
  if constexpr (width_of<V> == 16) {
    if (__builtin_cpu_supports("avx512vbmi2")) {
      return nonzero_ids_by_bytes<V>(a);
    }
  }
#endif
  std::size_t n = 0, k = 0;
#if defined(__AVX2__)
  if constexpr (width_of<V> >= 8) {
    for (; k + 8 <= a.count; k += 8) {
      const __m256 something = _mm256_cmp_ps(_mm256_loadu_ps(a.values + k), _mm256_setzero_ps(), _CMP_NEQ_UQ);
      const auto byte = static_cast<unsigned>(_mm256_movemask_ps(something));
      const __m256i here = _mm256_add_epi32(order_of<V>(byte), _mm256_set1_epi32(static_cast<int>(k)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(a.ids + n), here);
      n += count_16(byte);
    }
  }
#endif
  for (; k < a.count; ++k) {
    a.ids[n] = static_cast<std::uint32_t>(k);
    n += a.values[k] != 0.0f ? 1u : 0u;
  }
  return n;
}

}  // namespace detail

template <class V>
nonzeros_found nonzeros(const nonzeros_args& a) {
  nonzeros_found found;
  found.count = detail::nonzero_ids<V>(a);
  unsigned graded = 0;
  for (std::size_t e = 0; e < found.count; ++e) {
    const float x = a.values[a.ids[e]];
    a.kept[e] = x;
    graded |= x != 1.0f ? 1u : 0u;
  }
  found.graded = graded != 0;
  return found;
}

}  // namespace backspike::kernels
