#pragma once
// Adds normal numbers to a row: the noise of one step. The numbers are those of a counter (Philox 4x32-10, Salmon et
// al. 2011), made normal two at a time (Box & Muller 1958). Exponent, sine and cosine are short polynomials, so that
// all of it is vectors; every instruction set does the same operations in the same order: same bits.

#include "kernels/vec8.hpp"

#include <cstddef>
#include <cstdint>

namespace backspike::kernels {

struct normals_args {
  float* to;             // aligned
  std::size_t count;     // a multiple of 16
  std::uint32_t key[2];  // of the stream
  std::uint32_t step;    // that the numbers are of
  float deviation;
};

namespace detail {

/// N lanes of each type: as many as V has, at least four.
template <class V>
struct normal_lanes {
  static constexpr std::size_t n = width_of<V> < 4 ? 4 : width_of<V>;
  typedef std::uint32_t words __attribute__((vector_size(n * sizeof(std::uint32_t))));
  typedef std::int32_t integers __attribute__((vector_size(n * sizeof(std::uint32_t))));
  typedef std::uint64_t pairs __attribute__((vector_size(n * sizeof(std::uint32_t))));
  typedef float floats __attribute__((vector_size(n * sizeof(std::uint32_t))));
};

/// The lower half of every 64 bits times m. Without intrinsics gcc multiplies all 64 bits.
template <class V>
inline __attribute__((always_inline)) void multiply_low(const typename normal_lanes<V>::pairs& x, std::uint32_t m,
                                                        typename normal_lanes<V>::pairs& product) {
  constexpr std::size_t n = normal_lanes<V>::n;
#if defined(__AVX512F__)
  if constexpr (n == 16) {
    __m512i a;
    __builtin_memcpy(&a, &x, sizeof a);
    a = _mm512_maskz_mul_epu32(0xff, a, _mm512_set1_epi64(m));
    __builtin_memcpy(&product, &a, sizeof a);
    return;
  }
#endif
#if defined(__AVX2__)
  if constexpr (n == 8) {
    __m256i a;
    __builtin_memcpy(&a, &x, sizeof a);
    a = _mm256_mul_epu32(a, _mm256_set1_epi64x(m));
    __builtin_memcpy(&product, &a, sizeof a);
    return;
  }
#endif
#if defined(__SSE2__)
  if constexpr (n == 4) {
    __m128i a;
    __builtin_memcpy(&a, &x, sizeof a);
    a = _mm_mul_epu32(a, _mm_set1_epi64x(m));
    __builtin_memcpy(&product, &a, sizeof a);
    return;
  }
#endif
  product = (x & 0xffffffffu) * m;
}

/// The 64 bits of x * m in each lane, in two halves.
template <class V>
inline __attribute__((always_inline)) void multiply_wide(const typename normal_lanes<V>::words& x, std::uint32_t m,
                                                         typename normal_lanes<V>::words& high,
                                                         typename normal_lanes<V>::words& low) {
  using pairs = typename normal_lanes<V>::pairs;
  using words = typename normal_lanes<V>::words;
  constexpr std::uint64_t half = 0xffffffffu;
  pairs even, odd;
  multiply_low<V>((pairs)x, m, even);
  multiply_low<V>((pairs)x >> 32, m, odd);
  low = (words)((even & half) | (odd << 32));
  high = (words)((even >> 32) | (odd & ~half));
}

/// sqrt(-2 ln u) for u = (word / 2^8 + 1/2) / 2^24: the radius of a pair. ln as in FreeBSD's e_logf.c.
template <class V>
inline __attribute__((always_inline)) void radius_of(const typename normal_lanes<V>::words& word,
                                                     typename normal_lanes<V>::floats& radius) {
  using std::sqrt;
  using lane = normal_lanes<V>;
  using words = typename lane::words;
  using floats = typename lane::floats;
  using integers = typename lane::integers;
  const floats u = (__builtin_convertvector((integers)(word >> 8), floats) + 0.5f) * 0x1p-24f;
  const words bits = (words)u + (0x3f800000u - 0x3f3504f3u);
  const floats exponent = __builtin_convertvector((integers)(bits >> 23) - 127, floats);
  const floats f = (floats)((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  const floats s = f / (2.0f + f), z = s * s, w = z * z;
  const floats r = z * (0.66666662693f + w * 0.28498786688f) + w * (0.40000972152f + w * 0.24279078841f);
  const floats half = 0.5f * f * f;
  const floats ln = s * (half + r) + exponent * 9.0580006145e-06f - half + f + exponent * 6.9313812256e-01f;
  const floats square = -2.0f * ln;
  alignas(alignment) float values[lane::n];
  __builtin_memcpy(values, &square, sizeof values);
  for (std::size_t k = 0; k < lane::n; k += width_of<V>) {
    store<V>(values + k, V(sqrt(load<V>(values + k))));
  }
  __builtin_memcpy(&radius, values, sizeof values);
}

/// Two normal numbers of two words. 30 bits of the second are an angle within a quarter of the circle; the other two
/// say which: sine and cosine change places, and both their sign.
template <class V>
inline __attribute__((always_inline)) void normal_pair(const typename normal_lanes<V>::words& first,
                                                       const typename normal_lanes<V>::words& second, float deviation,
                                                       typename normal_lanes<V>::floats& x,
                                                       typename normal_lanes<V>::floats& y) {
  using words = typename normal_lanes<V>::words;
  using floats = typename normal_lanes<V>::floats;
  using integers = typename normal_lanes<V>::integers;
  floats radius;
  radius_of<V>(first, radius);
  radius = (floats)((words)(radius * deviation) ^ (second & 0x80000000u));
  const floats angle = __builtin_convertvector((integers)(second << 2), floats) * (0x1p-32f * 1.57079632679489662f);
  const floats q = angle * angle;
  const floats sine = angle + angle * q * (-1.6666654611e-1f + q * (8.3321608736e-3f + q * -1.9515295891e-4f));
  const floats cosine =
      1.0f - 0.5f * q + q * q * (4.166664568298827e-2f + q * (-1.388731625493765e-3f + q * 2.443315711809948e-5f));
  const words swap = (words)((integers)(second << 1) >> 31);
  const words differ = ((words)sine ^ (words)cosine) & swap;
  x = radius * (floats)((words)cosine ^ differ);
  y = radius * (floats)((words)sine ^ differ);
}

/// Ten rounds over the counters (word, step, 0, 0), in place.
template <class V>
inline __attribute__((always_inline)) void philox(typename normal_lanes<V>::words (&c)[4], const normals_args& a) {
  using words = typename normal_lanes<V>::words;
  std::uint32_t key[2] = {a.key[0], a.key[1]};
  for (int round = 0; round < 10; ++round) {
    words high[2], low[2];
    multiply_wide<V>(c[0], 0xD2511F53u, high[0], low[0]);
    multiply_wide<V>(c[2], 0xCD9E8D57u, high[1], low[1]);
    c[0] = high[1] ^ c[1] ^ key[0];
    c[1] = low[1];
    c[2] = high[0] ^ c[3] ^ key[1];
    c[3] = low[0];
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
}

}  // namespace detail

/// to[n] += deviation * number (n, step) of the key. Counter n / 64 * 16 + n % 16 gives four numbers, 16 apart.
template <class V>
void normals(const normals_args& a) {
  using lane = detail::normal_lanes<V>;
  constexpr std::size_t group = 4 * lanes;
  typename lane::words order;
  for (std::size_t k = 0; k < lane::n; ++k) {
    order[k] = static_cast<std::uint32_t>(k);
  }
  for (std::size_t first = 0; first < a.count; first += group) {
    for (std::size_t part = 0; part < lanes; part += lane::n) {
      typename lane::words c[4] = {order + static_cast<std::uint32_t>(first / 4 + part), order * 0u + a.step, {}, {}};
      detail::philox<V>(c, a);
      typename lane::floats x[4];
      detail::normal_pair<V>(c[0], c[1], a.deviation, x[0], x[1]);
      detail::normal_pair<V>(c[2], c[3], a.deviation, x[2], x[3]);
      for (std::size_t k = 0; k < 4 && first + k * lanes < a.count; ++k) {
        float* to = a.to + first + k * lanes + part;
        typename lane::floats sum;
        __builtin_memcpy(&sum, to, sizeof sum);
        sum += x[k];
        __builtin_memcpy(to, &sum, sizeof sum);
      }
    }
  }
}

}  // namespace backspike::kernels
