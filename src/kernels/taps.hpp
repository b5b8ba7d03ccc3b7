#pragma once
// Delays: a spike arrives spread over a few neighbouring steps of every target, at another time at each. Time lies
// contiguous, one line for each target, so that what one synapse adds is a small vector of taps (its weight times the
// kernel of its delay) at one place of one line. Taps are padded with zeros to pieces of eight.

#include "kernels/vec8.hpp"

#include <cstdint>

namespace backspike::kernels {

/// The taps of some targets: of source i they begin at taps + i * row * lanes.
struct tap_rows {
  const float* taps;           // [sources][row][lanes]
  const std::uint32_t* first;  // [sources][row] delay of the first tap
  std::size_t row;             // targets in all
  std::size_t targets;         // from taps and first on
  std::size_t lanes;           // a multiple of 8
};

/// lines[j * stride + at[e] + first[j] + k] += value[e] * taps[j][k], j over the targets of source ids[e]: spikes set
/// out, one after the other.
struct tap_add_args {
  float* lines;
  std::size_t stride;
  tap_rows rows;
  const std::uint32_t *ids, *at;
  const float* values;  // null: every one is 1
  std::size_t count;
};

/// sum[j][i][k] += values[e] * line[at[e] + first[j][i] + k] over the events e of source i, begin[i] <= e < begin[i +
/// 1]: what the errors of a target mean for the taps of its synapses.
struct tap_gather_args {
  float* sum;                  // [targets][sources][lanes]
  const std::uint32_t* first;  // [targets][sources]
  const std::uint32_t* begin;  // [sources + 1]
  std::size_t sources, targets, lanes;
  const float* line;
  std::size_t stride;  // from the line of a target to the next
  const std::uint32_t* at;
  const float* values;  // null: every one is 1
};

/// Eight samples side by side. out[i][t][s] += sum_j sum_k taps[i][j][k] * lines[j][t + first[i][j] + k][s]: the error
/// that a spike of source i in step t would have met. In the order of the pieces of eight taps, of the targets and,
/// within those, of the even taps before the odd ones.
struct tap_send_args {
  float* out;  // [sources][out_stride]
  std::size_t out_stride;
  const float* lines;  // [targets][stride], aligned to 32 bytes
  std::size_t stride;
  tap_rows rows;
  std::size_t sources;
  std::size_t used;  // taps from here on are zero for all targets
};

/// Steps of tap_block. It reads the lines no further than their last step, plus the delay of the last tap.
inline constexpr std::size_t block_steps = lanes;

namespace detail {

/// One spike sets out. Locals, because a vector's store may alias whatever is behind a reference.
template <class V, bool Plain>
inline __attribute__((always_inline)) void tap_add_spike(float* lines, std::size_t stride, const float* taps,
                                                         const std::uint32_t* first, std::size_t targets,
                                                         std::size_t lanes, float value) {
  vec8<V> factor, line, tap;
  fill_vec8(factor, value);
  for (std::size_t j = 0; j < targets; ++j, lines += stride, taps += lanes) {
    float* to = lines + first[j];
    std::size_t k = 0;
    do {
      load_vec8(line, to + k);
      load_vec8(tap, taps + k);
      if constexpr (Plain) {
        add_vec8(line, tap);
      } else {
        add_vec8_product(line, factor, tap);
      }
      store_vec8(to + k, line);
      k += vec8_lanes;
    } while (k < lanes);
  }
}

template <class V, bool Plain>
inline __attribute__((always_inline)) void tap_add_spikes(const tap_add_args& a) {
  for (std::size_t e = 0; e < a.count; ++e) {
    const std::size_t row = a.ids[e] * a.rows.row;
    const float value = Plain ? 1.0f : a.values[e];
    float* lines = a.lines + a.at[e];
    if (a.rows.lanes == vec8_lanes) {  // narrow kernels: no inner loop
      tap_add_spike<V, Plain>(lines, a.stride, a.rows.taps + row * vec8_lanes, a.rows.first + row, a.rows.targets,
                              vec8_lanes, value);
    } else {
      tap_add_spike<V, Plain>(lines, a.stride, a.rows.taps + row * a.rows.lanes, a.rows.first + row, a.rows.targets,
                              a.rows.lanes, value);
    }
  }
}

}  // namespace detail

template <class V>
void tap_add(const tap_add_args& a) {
  if (a.values == nullptr) {
    detail::tap_add_spikes<V, true>(a);
  } else {
    detail::tap_add_spikes<V, false>(a);
  }
}

namespace detail {

/// One piece of the sums of Rows targets stays in registers over all events of source i.
template <class V, std::size_t Rows>
inline __attribute__((always_inline)) void tap_gather_rows(const tap_gather_args& a, std::size_t j, std::size_t i) {
  for (std::size_t k = 0; k < a.lanes; k += vec8_lanes) {
    vec8<V> sum[Rows], error, value;
    const float* line[Rows];
    for (std::size_t r = 0; r < Rows; ++r) {
      load_vec8(sum[r], a.sum + ((j + r) * a.sources + i) * a.lanes + k);
      line[r] = a.line + (j + r) * a.stride + a.first[(j + r) * a.sources + i] + k;
    }
    for (std::size_t e = a.begin[i]; e < a.begin[i + 1]; ++e) {
      const std::size_t at = a.at[e];
      fill_vec8(value, a.values == nullptr ? 1.0f : a.values[e]);
      for (std::size_t r = 0; r < Rows; ++r) {
        load_vec8(error, line[r] + at);
        if (a.values == nullptr) {
          add_vec8(sum[r], error);
        } else {
          add_vec8_product(sum[r], value, error);
        }
      }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
      store_vec8(a.sum + ((j + r) * a.sources + i) * a.lanes + k, sum[r]);
    }
  }
}

template <class V, std::size_t Rows>
inline __attribute__((always_inline)) void tap_gather_sources(const tap_gather_args& a, std::size_t j) {
  for (std::size_t i = 0; i < a.sources; ++i) {
    if (a.begin[i] < a.begin[i + 1]) {
      tap_gather_rows<V, Rows>(a, j, i);
    }
  }
}

/// A piece of Used taps for width_of<V> steps, whose sums stay in eight registers over all targets. Taps two steps
/// apart meet the same aligned vectors, which are loaded once: the compiler alone would fold each load into its
/// product and load the vectors of the odd taps, which lie across two lines of the cache, for each of them.
template <class V, std::size_t Used>
inline __attribute__((always_inline)) void tap_block_piece(const tap_send_args& a, const float* taps,
                                                           const std::uint32_t* first, const float* lines, float* out) {
  constexpr std::size_t sums = vec8_lanes, shift = 2 * vec8_lanes / width_of<V>, most = (Used + 1) / 2;
  V sum[sums];
  for (std::size_t n = 0; n < sums; ++n) {
    sum[n] = load_anywhere<V>(out + n * width_of<V>);
  }
  for (std::size_t j = 0; j < a.rows.targets; ++j) {
#pragma GCC unroll 2
    for (std::size_t odd = 0; odd < 2; ++odd) {
      const float* tap = taps + j * a.rows.lanes + odd;
      const float* line = lines + j * a.stride + (first[j] + odd) * vec8_lanes;
      const std::size_t count = (Used + 1 - odd) / 2;
      V factor[most];
      for (std::size_t m = 0; m < count; ++m) {
        factor[m] = V(tap[2 * m]);
      }
#pragma GCC unroll 72
      for (std::size_t n = 0; n < sums + (most - 1) * shift; ++n) {
        V errors = constant<V>(0.0);
        bool loaded = false;
#pragma GCC unroll 4
        for (std::size_t m = 0; m < most; ++m) {
          if (m < count && n >= m * shift && n - m * shift < sums) {
            if (!loaded) {
              errors = load_anywhere<V>(line + n * width_of<V>);
              keep_in_register(errors);
              loaded = true;
            }
            sum[n - m * shift] = sum[n - m * shift] + factor[m] * errors;
          }
        }
      }
    }
  }
  for (std::size_t n = 0; n < sums; ++n) {
    store_anywhere<V>(out + n * width_of<V>, sum[n]);
  }
}

template <class V, std::size_t Used>
inline __attribute__((always_inline)) void tap_block_any(const tap_send_args& a, const float* taps,
                                                         const std::uint32_t* first, const float* lines, float* out,
                                                         std::size_t used) {
  if constexpr (Used < vec8_lanes) {
    if (used > Used) {
      tap_block_any<V, Used + 1>(a, taps, first, lines, out, used);
      return;
    }
  }
  tap_block_piece<V, Used>(a, taps, first, lines, out);
}

/// Rows sources hide each other's latency.
template <class V, std::size_t Rows>
inline __attribute__((always_inline)) void tap_step_rows(const tap_send_args& a, std::size_t i) {
  vec8<V> sum[Rows], tap, errors;
  for (std::size_t r = 0; r < Rows; ++r) {
    load_vec8(sum[r], a.out + (i + r) * a.out_stride);
  }
  for (std::size_t piece = 0; piece < a.used; piece += vec8_lanes) {
    const std::size_t end = a.used < piece + vec8_lanes ? a.used : piece + vec8_lanes;
    for (std::size_t j = 0; j < a.rows.targets; ++j) {
      for (std::size_t odd = 0; odd < 2; ++odd) {
        for (std::size_t k = piece + odd; k < end; k += 2) {
          for (std::size_t r = 0; r < Rows; ++r) {
            const std::size_t at = (i + r) * a.rows.row + j;
            fill_vec8(tap, a.rows.taps[at * a.rows.lanes + k]);
            load_vec8(errors, a.lines + j * a.stride + (a.rows.first[at] + k) * vec8_lanes);
            add_vec8_product(sum[r], tap, errors);
          }
        }
      }
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    store_vec8(a.out + (i + r) * a.out_stride, sum[r]);
  }
}

}  // namespace detail

template <class V>
void tap_gather(const tap_gather_args& a) {
  std::size_t j = 0;
  for (; j + 4 <= a.targets; j += 4) {
    detail::tap_gather_sources<V, 4>(a, j);
  }
  for (; j < a.targets; ++j) {
    detail::tap_gather_sources<V, 1>(a, j);
  }
}

/// Steps 0 ... block_steps - 1.
template <class V>
void tap_block(const tap_send_args& a) {
  for (std::size_t i = 0; i < a.sources; ++i) {
    const float* taps = a.rows.taps + i * a.rows.row * a.rows.lanes;
    const std::uint32_t* first = a.rows.first + i * a.rows.row;
    for (std::size_t t = 0; t < block_steps; t += width_of<V>) {
      float* out = a.out + i * a.out_stride + t * vec8_lanes;
      for (std::size_t piece = 0; piece < a.used; piece += vec8_lanes) {
        detail::tap_block_any<V, 1>(a, taps + piece, first, a.lines + (t + piece) * vec8_lanes, out, a.used - piece);
      }
    }
  }
}

/// Step 0 alone. Equal bits.
template <class V>
void tap_step(const tap_send_args& a) {
  std::size_t i = 0;
  for (; i + 4 <= a.sources; i += 4) {
    detail::tap_step_rows<V, 4>(a, i);
  }
  for (; i < a.sources; ++i) {
    detail::tap_step_rows<V, 1>(a, i);
  }
}

}  // namespace backspike::kernels
