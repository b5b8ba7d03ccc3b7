#pragma once
// Spike compaction: from packed bits (a word of 16 neurons) to ascending indices. Without branches on the bits where
// the instruction set allows, since spikes are what no branch predictor knows.

#include <backspike/cell/simd.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace backspike::kernels {

/// Indices that a row of `units` neurons may come to, and what a kernel may write beyond the last one.
constexpr std::size_t position_room(std::size_t units) { return padded(units) + lanes; }

namespace detail {

/// The padding beyond `units` may be set: it repeats the last neuron's constants, and a threshold that was learned down
/// to its input would let it fire.
inline __attribute__((always_inline)) unsigned word_of(const std::uint16_t* words, std::size_t k, std::size_t units) {
  const std::size_t left = units - k * lanes;
  return words[k] & (left < lanes ? (1u << left) - 1u : 0xffffu);
}

/// By a byte of bits, the positions of those set, and then what does not matter.
constexpr std::array<std::array<std::uint8_t, 8>, 256> byte_positions() {
  std::array<std::array<std::uint8_t, 8>, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    std::size_t n = 0;
    for (std::uint8_t k = 0; k < 8; ++k) {
      if ((byte >> k & 1u) != 0) {
        table[byte][n++] = k;
      }
    }
  }
  return table;
}

constexpr __attribute__((always_inline)) unsigned count_16(unsigned x) {
  x -= x >> 1 & 0x5555u;
  x = (x & 0x3333u) + (x >> 2 & 0x3333u);
  x = (x + (x >> 4)) & 0x0f0fu;
  return (x + (x >> 8)) & 0x1fu;
}

}  // namespace detail

/// Writes the set positions below `units` to `out`, which has position_room(units); returns how many.
template <class V>
std::size_t positions(const std::uint16_t* words, std::size_t units, std::uint32_t* out) {
  std::size_t n = 0;
  for (std::size_t k = 0; k * lanes < units; ++k) {
    const unsigned bits = detail::word_of(words, k, units);
    const auto base = static_cast<std::uint32_t>(k * lanes);
#if defined(__AVX512F__)
    if constexpr (width_of<V> == 16) {
      const __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
      const __m512i here = _mm512_add_epi32(index, _mm512_set1_epi32(static_cast<int>(base)));
      _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi32(static_cast<__mmask16>(bits), here));
      n += detail::count_16(bits);
      continue;
    }
#endif
#if defined(__AVX2__)
    if constexpr (width_of<V> == 8) {
      static constexpr auto table = detail::byte_positions();
      for (unsigned half = 0; half < 2; ++half) {
        const unsigned byte = bits >> (8 * half) & 0xffu;
        const __m256i index = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&table[byte])));
        const __m256i here = _mm256_add_epi32(index, _mm256_set1_epi32(static_cast<int>(base + 8 * half)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + n), here);
        n += detail::count_16(byte);
      }
      continue;
    }
#endif
    for (unsigned left = bits; left != 0; left &= left - 1) {
      out[n++] = base + static_cast<std::uint32_t>(std::countr_zero(left));
    }
  }
  return n;
}

}  // namespace backspike::kernels
