#pragma once
// Delays: a spike arrives spread over a few neighbouring steps of every target, at another time at each. Time lies
// contiguous, one line for each target, so that what one synapse adds is a small vector of taps (its weight times the
// kernel of its delay) at one place of one line. Taps are padded with zeros to pieces of eight.

#include "kernels/octet.hpp"

#include <cstdint>

namespace backspike::kernels {

/// The taps of one source for its targets.
struct tap_row {
  const float* taps;           // [targets][lanes]
  const std::uint32_t* first;  // [targets] delay of the first tap
  std::size_t targets, lanes;  // lanes: a multiple of 8
};

/// lines[j * stride + first[j] + k] += factor * taps[j][k]: one spike sets out.
struct tap_add_args {
  float* lines;
  std::size_t stride;
  tap_row row;
  float factor;
};

/// sum[i][k] += values[e] * line[at[e] + first[i] + k] over the events e of source i, begin[i] <= e < begin[i + 1]:
/// what the errors of one target mean for the taps of its synapses.
struct tap_gather_args {
  float* sum;                  // [sources][lanes]
  const std::uint32_t* first;  // [sources]
  const std::uint32_t* begin;  // [sources + 1]
  std::size_t sources, lanes;
  const float* line;
  const std::uint32_t* at;
  const float* values;  // null: every one is 1
};

/// out[at[e] * out_stride] += sum_j sum_k taps[j][k] * lines[j * stride + at[e] + first[j] + k]: the error that a spike
/// of one source would have met.
struct tap_dot_args {
  float* out;
  std::size_t out_stride;
  const float* lines;
  std::size_t stride;
  tap_row row;
  const std::uint32_t* at;
  std::size_t count;
};

/// The same for steps 0 ... count - 1, sixteen at a time; reads up to 15 steps further. Equal bits.
struct tap_range_args {
  float* out;
  std::size_t out_stride;
  const float* lines;
  std::size_t stride;
  tap_row row;
  std::size_t used;  // taps from here on are zero for all targets
  std::size_t count;
};

template <class V>
void tap_add(const tap_add_args& a) {
  octet<V> factor, line, taps;
  fill_octet(factor, a.factor);
  const bool plain = a.factor == 1.0f;
  for (std::size_t j = 0; j < a.row.targets; ++j) {
    float* to = a.lines + j * a.stride + a.row.first[j];
    const float* from = a.row.taps + j * a.row.lanes;
    for (std::size_t k = 0; k < a.row.lanes; k += octet_lanes) {
      load_octet(line, to + k);
      load_octet(taps, from + k);
      if (plain) {
        add_octet(line, taps);
      } else {
        add_octet_product(line, factor, taps);
      }
      store_octet(to + k, line);
    }
  }
}

/// One source: its sums stay in registers over all of its events.
template <class V>
void tap_gather(const tap_gather_args& a) {
  for (std::size_t i = 0; i < a.sources; ++i) {
    const float* line = a.line + a.first[i];
    for (std::size_t k = 0; k < a.lanes && a.begin[i] < a.begin[i + 1]; k += octet_lanes) {
      octet<V> sum, error, value;
      load_octet(sum, a.sum + i * a.lanes + k);
      for (std::size_t e = a.begin[i]; e < a.begin[i + 1]; ++e) {
        load_octet(error, line + a.at[e] + k);
        if (a.values == nullptr) {
          add_octet(sum, error);
        } else {
          fill_octet(value, a.values[e]);
          add_octet_product(sum, value, error);
        }
      }
      store_octet(a.sum + i * a.lanes + k, sum);
    }
  }
}

namespace detail {

/// Rows steps share the loads of the taps and hide each other's latency.
template <class V, std::size_t Rows>
inline __attribute__((always_inline)) void tap_dot_rows(const tap_dot_args& a, std::size_t e) {
  float total[Rows];
  for (std::size_t r = 0; r < Rows; ++r) {
    total[r] = 0.0f;
  }
  for (std::size_t k = 0; k < a.row.lanes; k += octet_lanes) {
    octet<V> sum[Rows], taps, line;
    for (std::size_t r = 0; r < Rows; ++r) {
      fill_octet(sum[r], 0.0f);
    }
    for (std::size_t j = 0; j < a.row.targets; ++j) {
      load_octet(taps, a.row.taps + j * a.row.lanes + k);
      const float* from = a.lines + j * a.stride + a.row.first[j] + k;
      for (std::size_t r = 0; r < Rows; ++r) {
        load_octet(line, from + a.at[e + r]);
        add_octet_product(sum[r], taps, line);
      }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
      float lanes8[octet_lanes];
      store_octet(lanes8, sum[r]);
      total[r] += octet_sum(lanes8);
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    a.out[a.at[e + r] * a.out_stride] += total[r];
  }
}

/// Sums of width_of<V> steps, one for each of Used taps, by the tree of octet_sum.
template <class V, std::size_t Used>
inline __attribute__((always_inline)) V tap_range_piece(const tap_range_args& a, std::size_t t, std::size_t piece) {
  V sum[octet_lanes];
  for (std::size_t k = 0; k < octet_lanes; ++k) {
    sum[k] = constant<V>(0.0);
  }
  const float* line = a.lines + t + piece;
  for (std::size_t j = 0; j < a.row.targets; ++j) {
    const float* taps = a.row.taps + j * a.row.lanes + piece;
    const float* from = line + j * a.stride + a.row.first[j];
    for (std::size_t k = 0; k < Used; ++k) {
      sum[k] = sum[k] + V(taps[k]) * load_anywhere<V>(from + k);
    }
  }
  return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

template <class V, std::size_t Used>
inline __attribute__((always_inline)) V tap_range_any(const tap_range_args& a, std::size_t t, std::size_t piece,
                                                      std::size_t used) {
  if constexpr (Used == octet_lanes) {
    return tap_range_piece<V, Used>(a, t, piece);
  } else {
    return used <= Used ? tap_range_piece<V, Used>(a, t, piece) : tap_range_any<V, Used + 1>(a, t, piece, used);
  }
}

}  // namespace detail

template <class V>
void tap_dot(const tap_dot_args& a) {
  std::size_t e = 0;
  for (; e + 4 <= a.count; e += 4) {
    detail::tap_dot_rows<V, 4>(a, e);
  }
  for (; e < a.count; ++e) {
    detail::tap_dot_rows<V, 1>(a, e);
  }
}

template <class V>
void tap_range(const tap_range_args& a) {
  for (std::size_t t = 0; t < a.count; t += width_of<V>) {
    V total = constant<V>(0.0);
    for (std::size_t piece = 0; piece < a.used; piece += octet_lanes) {
      total = total + detail::tap_range_any<V, 1>(a, t, piece, a.used - piece);
    }
    float steps[width_of<V>];
    store_anywhere<V>(steps, total);
    for (std::size_t s = 0; s < width_of<V> && t + s < a.count; ++s) {
      a.out[(t + s) * a.out_stride] += steps[s];
    }
  }
}

}  // namespace backspike::kernels
