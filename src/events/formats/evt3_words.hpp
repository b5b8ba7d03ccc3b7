#pragma once
// Blocks of EVT 3.0: which of 64 words are of which type, a bit for each. The types come in an order that no processor
// guesses; asked word by word, it guesses wrong at every other one.

#include "events/decoder.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <cstddef>
#include <cstdint>

namespace backspike {

enum evt3_type : std::uint32_t {
  evt3_y = 0,
  evt3_x = 2,
  evt3_vector_base = 3,
  evt3_vector_12 = 4,
  evt3_vector_8 = 5,
  evt3_time_low = 6,
  evt3_continued_4 = 7,
  evt3_time_high = 8,
  evt3_trigger = 10,
  evt3_others = 14,
  evt3_continued_12 = 15
};

constexpr bool is_evt3_message(std::uint32_t type) { return type == evt3_continued_4 || type >= evt3_others; }

constexpr std::size_t evt3_block = 64;  // words

struct evt3_masks {
  std::uint64_t x = 0, y = 0, low = 0;
  std::uint64_t messages = 0;
  std::uint64_t rare = 0;  // all others, but for an upper time that changes nothing
};

constexpr std::uint64_t evt3_first(std::size_t words) {
  return words >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << words) - 1;
}

#if defined(__SSE2__)

/// 16 words, of which `equal` says for 8 at a time which are meant.
template <class Equal>
std::uint64_t evt3_bits(__m128i first, __m128i second, Equal equal) {
  return static_cast<std::uint64_t>(
      static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(equal(first), equal(second)))));
}

inline evt3_masks evt3_all_masks(const std::uint8_t* at, std::uint32_t high) {
  const auto repeated = _mm_set1_epi16(static_cast<short>(evt3_time_high << 12U | high));
  const auto is = [](__m128i types, int type) {
    return _mm_cmpeq_epi16(types, _mm_set1_epi16(static_cast<short>(type)));
  };
  evt3_masks m;
  std::uint64_t same = 0;
  for (unsigned k = 0; k < 4; ++k) {
    const auto a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 32 * k));
    const auto b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 32 * k + 16));
    const auto ta = _mm_srli_epi16(a, 12), tb = _mm_srli_epi16(b, 12);
    const unsigned shift = 16 * k;
    m.x |= evt3_bits(ta, tb, [&](__m128i t) { return is(t, evt3_x); }) << shift;
    m.y |= evt3_bits(ta, tb, [&](__m128i t) { return is(t, evt3_y); }) << shift;
    m.low |= evt3_bits(ta, tb, [&](__m128i t) { return is(t, evt3_time_low); }) << shift;
    m.messages |=
        evt3_bits(ta, tb,
                  [&](__m128i t) {
                    return _mm_or_si128(is(t, evt3_continued_4), _mm_cmpgt_epi16(t, _mm_set1_epi16(evt3_others - 1)));
                  })
        << shift;
    same |= evt3_bits(a, b, [&](__m128i w) { return _mm_cmpeq_epi16(w, repeated); }) << shift;
  }
  m.rare = ~(m.x | m.y | m.low | m.messages | same);
  return m;
}

#else

inline evt3_masks evt3_all_masks(const std::uint8_t* at, std::uint32_t high) {
  evt3_masks m;
  for (unsigned k = 0; k < evt3_block; ++k) {
    const std::uint32_t word = little_endian<std::uint16_t>(at + 2 * k), type = word >> 12U;
    const std::uint64_t bit = std::uint64_t{1} << k;
    const bool same = word == (evt3_time_high << 12U | high);
    m.x |= type == evt3_x ? bit : 0;
    m.y |= type == evt3_y ? bit : 0;
    m.low |= type == evt3_time_low ? bit : 0;
    m.messages |= is_evt3_message(type) ? bit : 0;
    m.rare |= same ? 0 : bit;
  }
  m.rare &= ~(m.x | m.y | m.low | m.messages);
  return m;
}

#endif

/// For the first `words` of a block, where the upper time is `high`.
inline evt3_masks evt3_masks_of(const std::uint8_t* at, std::size_t words, std::uint32_t high) {
  auto m = evt3_all_masks(at, high);
  if (words < evt3_block) {
    const auto there = evt3_first(words);
    m = {m.x & there, m.y & there, m.low & there, m.messages & there, m.rare & there};
  }
  return m;
}

}  // namespace backspike
