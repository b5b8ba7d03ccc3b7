#pragma once
// Numbers of 16 bits: the upper half of a float, rounded to the nearest, ties to even; what is not normal becomes 0.
// Two lie in the place of one float, the earlier one in its upper half, which the instruction for them (vdpbf16ps)
// multiplies first: a sum over pairs is a sum over numbers in ascending order, whichever were paired, each product
// added and rounded once and flushed to 0 where it is not normal. Elsewhere the same is done step by step, slowly.

#include "kernels/multiply_add.hpp"

#include <cstddef>
#include <cstdint>

namespace backspike::kernels {

/// to[k] = the pair of from[2 k] and from[2 k + 1]; the last one with 0 where count is odd. They may be the same
/// memory.
struct pairs_args {
  const float* from;
  std::size_t count;
  float* to;  // [(count + 1) / 2]
};

/// Column by column of a matrix [depth][16] in its own memory, [(depth + 1) / 2][16] afterwards.
struct panel_pairs_args {
  float* panel;
  std::size_t depth;
};

namespace detail {

inline constexpr std::uint32_t sign_bit = 0x80000000u, exponent_bits = 0x7f800000u, upper_half = 0xffff0000u;

inline __attribute__((always_inline)) std::uint32_t to_bfloat16(float x) {
  const auto bits = __builtin_bit_cast(std::uint32_t, x);
  const std::uint32_t exponent = bits & exponent_bits;
  const std::uint32_t nearest = bits + 0x7fffu + (bits >> 16 & 1u);
  const std::uint32_t quiet =
      bits | ((bits & ~(sign_bit | exponent_bits)) != 0 ? 0x400000u : 0u);  // infinite, or no number
  return (exponent == 0 ? bits & sign_bit : exponent == exponent_bits ? quiet : nearest) & upper_half;
}

inline __attribute__((always_inline)) float pair_of(float first, float second) {
  return __builtin_bit_cast(float, to_bfloat16(first) | to_bfloat16(second) >> 16);
}

template <class V>
struct bits_of {
  using type = xsimd::batch<std::uint32_t, typename V::arch_type>;
  static type of(const V& x) { return xsimd::bitwise_cast<type>(x); }
  static V back(const type& x) { return xsimd::bitwise_cast<V>(x); }
  static type is_zero(const type& x, const type& then, const type& otherwise) {
    return xsimd::select(x == type(0u), then, otherwise);
  }
  static bool any_zero(const type& x) { return xsimd::any(x == type(0u)); }
};
template <>
struct bits_of<float> {
  using type = std::uint32_t;
  static type of(float x) { return __builtin_bit_cast(type, x); }
  static float back(type x) { return __builtin_bit_cast(float, x); }
  static type is_zero(type x, type then, type otherwise) { return x == 0 ? then : otherwise; }
  static bool any_zero(type x) { return x == 0; }
};

/// 0 with its sign for what is not normal.
template <class V>
inline __attribute__((always_inline)) V flushed(const V& x) {
  using bits = bits_of<V>;
  using word = typename bits::type;
  const word b = bits::of(x);
  return bits::back(bits::is_zero(b & word(exponent_bits), b & word(sign_bit), b));
}

/// What the processor takes for normal it decides with an exponent without bounds: of what rounds up to the smallest
/// normal number, whatever is below it by more than half of a step that this would have.
template <class V>
void flush_smallest(const V& a, const V& b, const V& sum, V& result) {
  constexpr double smallest = 0x1p-126, normal_from = 0x1p-126 - 0x1p-151;
  alignas(alignment) float p[width_of<V>], q[width_of<V>], s[width_of<V>], r[width_of<V>];
  store<V>(p, a);
  store<V>(q, b);
  store<V>(s, sum);
  store<V>(r, result);
  for (std::size_t k = 0; k < width_of<V>; ++k) {
    const double exact = static_cast<double>(p[k]) * q[k] + s[k];
    if (__builtin_fabs(r[k]) == smallest && __builtin_fabs(exact) < normal_from) {
      r[k] = __builtin_copysignf(0.0f, r[k]);
    }
  }
  result = load<V>(r);
}

/// sum + a * b, rounded once, flushed.
template <class V>
inline __attribute__((always_inline)) V add_flushed(const V& a, const V& b, const V& sum) {
  using bits = bits_of<V>;
  using word = typename bits::type;
  V result = multiply_add<V, true>(a, b, sum);
  const word distance = (bits::of(result) & word(~sign_bit)) ^ word(0x00800000u);  // of the exponent 1, no fraction
  if (bits::any_zero(distance)) {
    flush_smallest<V>(a, b, sum, result);
  }
  return flushed<V>(result);
}

/// sum + a product of the upper halves + one of the lower halves.
template <class V>
inline __attribute__((always_inline)) V add_pair(const V& a, const V& b, const V& sum) {
  using bits = bits_of<V>;
  using word = typename bits::type;
  const word p = bits::of(a), q = bits::of(b);
  const V first = add_flushed<V>(bits::back(p & word(upper_half)), bits::back(q & word(upper_half)), flushed<V>(sum));
  return add_flushed<V>(bits::back(p << 16), bits::back(q << 16), first);
}

}  // namespace detail

template <class V>
void pairs(const pairs_args& a) {
  std::size_t k = 0;
  for (; k + 1 < a.count; k += 2) {
    a.to[k / 2] = detail::pair_of(a.from[k], a.from[k + 1]);
  }
  if (k < a.count) {
    a.to[k / 2] = detail::pair_of(a.from[k], 0.0f);
  }
}

template <class V>
void panel_pairs(const panel_pairs_args& a) {
  for (std::size_t d = 0; d < a.depth; d += 2) {
    const float* first = a.panel + d * lanes;
    float pair[lanes];
    for (std::size_t c = 0; c < lanes; ++c) {
      pair[c] = detail::pair_of(first[c], d + 1 < a.depth ? first[c + lanes] : 0.0f);
    }
    __builtin_memcpy(a.panel + d / 2 * lanes, pair, sizeof(pair));
  }
}

}  // namespace backspike::kernels
