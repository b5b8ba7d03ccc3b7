#pragma once
// Spike compaction: from packed bits (a word of 16 neurons) to ascending indices. Without branches on the bits where
// the instruction set allows, since spikes are what no branch predictor knows.

#include <backspike/scalar/simd.hpp>

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

#if defined(__AVX2__)
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

/// One instruction: what has AVX2 has it.
inline __attribute__((always_inline)) unsigned count_16(unsigned x) {
  return static_cast<unsigned>(__builtin_popcount(x));
}

/// The positions of the bits set in a byte, in the lowest lanes.
template <class V>
inline __attribute__((always_inline)) __m256i order_of(unsigned byte) {
  static constexpr auto table = byte_positions();
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(&table[byte])));
}

/// The positions of a word's bits, by look-up.
template <class V>
inline __attribute__((always_inline)) std::size_t look_up(unsigned bits, std::uint32_t base, std::uint32_t* out) {
  const unsigned low = bits & 0xffu;
  const std::size_t n = count_16(low);
  const __m256i shift = _mm256_set1_epi32(static_cast<int>(base));
  const __m256i eight = _mm256_set1_epi32(8);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_add_epi32(order_of<V>(low), shift));
  const __m256i high = _mm256_add_epi32(order_of<V>(bits >> 8), _mm256_add_epi32(shift, eight));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + n), high);
  return n + count_16(bits >> 8);
}
#endif

#if defined(__AVX512F__)
// With VBMI2 the bytes 0 to 63 are compressed by 64 bits at once, and spikes are few enough for a quarter of a register
// to hold what is left: a third of the time of compressing 16 numbers of 32 bits by each word.
#define BACKSPIKE_BYTES __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))

BACKSPIKE_BYTES inline __attribute__((always_inline)) void widen(__m128i bytes, __m512i base, std::uint32_t* out) {
  _mm512_storeu_si512(out, _mm512_add_epi32(_mm512_maskz_cvtepu8_epi32(0xffff, bytes), base));
}

template <class V>
BACKSPIKE_BYTES inline __attribute__((always_inline)) std::size_t compress_64(std::uint64_t bits, std::size_t first,
                                                                              __m512i bytes, std::uint32_t* out) {
  const auto n = static_cast<std::size_t>(__builtin_popcountll(bits));
  const __m512i base = _mm512_set1_epi32(static_cast<int>(first));
  const __m512i set = _mm512_maskz_compress_epi8(bits, bytes);
  widen(_mm512_castsi512_si128(set), base, out);
  if (__builtin_expect(n > lanes, 0)) {  // not beyond the room of the row: these positions are all there
    widen(_mm512_maskz_extracti32x4_epi32(0xf, set, 1), base, out + lanes);
    if (n > 2 * lanes) {
      widen(_mm512_maskz_extracti32x4_epi32(0xf, set, 2), base, out + 2 * lanes);
    }
    if (n > 3 * lanes) {
      widen(_mm512_maskz_extracti32x4_epi32(0xf, set, 3), base, out + 3 * lanes);
    }
  }
  return n;
}

/// The bytes 0 to 63.
template <class V>
BACKSPIKE_BYTES inline __attribute__((always_inline)) __m512i first_bytes() {
  alignas(64) static constexpr auto counted = [] {
    std::array<std::uint8_t, 64> x{};
    for (std::uint8_t k = 0; k < 64; ++k) {
      x[k] = k;
    }
    return x;
  }();
  return _mm512_load_si512(&counted);
}

template <class V>
BACKSPIKE_BYTES std::size_t positions_by_bytes(const std::uint16_t* words, std::size_t units, std::uint32_t* out) {
  const __m512i bytes = first_bytes<V>();
  constexpr std::size_t together = 64 / lanes;
  std::size_t n = 0, k = 0;
  for (; (k + together) * lanes <= units; k += together) {
    std::uint64_t bits;
    __builtin_memcpy(&bits, words + k, sizeof bits);
    n += compress_64<V>(bits, k * lanes, bytes, out + n);
  }
  std::uint64_t rest = 0;
  for (std::size_t j = k; j * lanes < units; ++j) {
    rest |= static_cast<std::uint64_t>(word_of(words, j, units)) << ((j - k) * lanes);
  }
  return n + (rest == 0 ? 0 : compress_64<V>(rest, k * lanes, bytes, out + n));
}
#endif

}  // namespace detail

/// Writes the set positions below `units` to `out`, which has position_room(units); returns how many.
template <class V>
std::size_t compact_spikes(const std::uint16_t* words, std::size_t units, std::uint32_t* out) {
#if defined(__AVX512F__)
  if constexpr (width_of<V> == 16) {
    if (__builtin_cpu_supports("avx512vbmi2")) {
      return detail::positions_by_bytes<V>(words, units, out);
    }
  }
#endif
  std::size_t n = 0;
  for (std::size_t k = 0; k * lanes < units; ++k) {
    const unsigned bits = detail::word_of(words, k, units);
    const auto base = static_cast<std::uint32_t>(k * lanes);
#if defined(__AVX2__)
    if constexpr (width_of<V> >= 8) {
      n += detail::look_up<V>(bits, base, out + n);
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
