#pragma once
// Convolutions spike by spike: a source reaches a patch of targets, in runs of neighbouring channels whose weights are
// neighbours, too. A spike adds its patch of weights; the gradient adds the same patch of errors; an error goes back as
// the product of both patches. Lanes are alike, and sums have one order, so all instruction sets give the same bits.

#include "kernels/dot.hpp"
#include "kernels/vec8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backspike::kernels {

/// Where the patch of a place begins, and how many runs it has along each axis.
struct patch_place {
  std::uint32_t target;  // of its first channel [floats]
  std::uint32_t row;     // of the weights, of the first channel of a group
  std::uint16_t down, right;
};

/// A convolution, with the number of floats from one run of a patch to the next.
struct patch_shape {
  const patch_place* places;
  std::uint32_t channels, of_group;     // of the source, in all and of a group
  std::uint64_t by_channels, by_group;  // 2^64 over these, rounded up: a product instead of a division
  std::size_t length, stride;           // of a run; of a row of weights
  std::ptrdiff_t target_down, target_right, weight_down, weight_right;
};

struct patch_add_args {
  patch_shape shape;
  const std::uint32_t* ids;  // sources
  const float* values;       // null: every one is 1
  std::size_t count;
  const float* weights;
  float* current;
};

/// Runs in rows [first, end) of the kernel alone; `row_floats`: those of such a row.
struct patch_gather_args {
  patch_shape shape;
  const std::uint32_t* ids;
  const float* values;
  std::size_t count;
  const float* errors;
  float* gradient;
  std::size_t first, end, row_floats;
};

struct patch_send_args {
  patch_shape shape;
  const std::uint32_t* ids;  // null: all from 0 on
  std::size_t count;
  const float *weights, *errors;
  float* out;  // out[id] += sum of weight * error
};

namespace detail {

/// x / d for d > 1, where `inverse` is 2^64 / d rounded up; exact below 2^32. For d = 1 it would be 2^64: 0 stands for
/// it.
inline __attribute__((always_inline)) std::uint32_t quotient(std::uint32_t x, std::uint64_t inverse) {
  __extension__ using wide = unsigned __int128;
  return inverse == 0 ? x : static_cast<std::uint32_t>((static_cast<wide>(inverse) * x) >> 64);
}

struct patch {
  const patch_place* place;
  std::ptrdiff_t target, weight;  // [floats] of its first run
};

inline __attribute__((always_inline)) patch patch_of(const patch_shape& s, std::uint32_t id) {
  const std::uint32_t place = quotient(id, s.by_channels), channel = id - place * s.channels;
  const std::uint32_t group = quotient(channel, s.by_group), own = channel - group * s.of_group;
  const patch_place* p = s.places + place;
  const std::size_t column = group * s.length;
  return {p, static_cast<std::ptrdiff_t>(p->target + column),
          static_cast<std::ptrdiff_t>((p->row + own) * s.stride + column)};
}

/// to[k] += value * from[k]
template <class V, bool Plain>
inline __attribute__((always_inline)) void add_run(float* to, const float* from, std::size_t length, float value) {
  std::size_t k = 0;
  const V factor(value);
  for (; k + width_of<V> <= length; k += width_of<V>) {
    const V x = load_anywhere<V>(from + k);
    store_anywhere<V>(to + k, load_anywhere<V>(to + k) + (Plain ? x : factor * x));
  }
  for (; k < length; ++k) {
    to[k] += Plain ? from[k] : value * from[k];
  }
}

template <class V, bool Plain>
inline __attribute__((always_inline)) void patch_add_some(const patch_add_args& a) {
  const patch_shape s = a.shape;
  for (std::size_t e = 0; e < a.count; ++e) {
    const patch p = patch_of(s, a.ids[e]);
    const float value = Plain ? 1.0f : a.values[e];
    float* to = a.current + p.target;
    const float* from = a.weights + p.weight;
    for (std::size_t j = 0; j < p.place->down; ++j, to += s.target_down, from += s.weight_down) {
      float* at = to;
      const float* row = from;
      for (std::size_t i = 0; i < p.place->right; ++i, at += s.target_right, row += s.weight_right) {
        add_run<V, Plain>(at, row, s.length, value);
      }
    }
  }
}

template <class V, bool Plain>
inline __attribute__((always_inline)) void patch_gather_some(const patch_gather_args& a) {
  const patch_shape s = a.shape;
  const auto first = static_cast<std::ptrdiff_t>(a.first * a.row_floats);
  const auto end = static_cast<std::ptrdiff_t>(a.end * a.row_floats);
  for (std::size_t e = 0; e < a.count; ++e) {
    const patch p = patch_of(s, a.ids[e]);
    const float value = Plain ? 1.0f : a.values[e];
    const float* from = a.errors + p.target;
    std::ptrdiff_t to = p.weight;
    for (std::size_t j = 0; j < p.place->down; ++j, from += s.target_down, to += s.weight_down) {
      if (to < first || to >= end) {
        continue;
      }
      const float* at = from;
      float* row = a.gradient + to;
      for (std::size_t i = 0; i < p.place->right; ++i, at += s.target_right, row += s.weight_right) {
        add_run<V, Plain>(row, at, s.length, value);
      }
    }
  }
}

/// Sixteen sums, then eight, then one: each of the floats at the same place of every run.
template <class V>
struct patch_sums {
  V wide[parts<V>];
  vec8<V> half;
  float rest = 0.0f;
};

template <class V>
inline __attribute__((always_inline)) void multiply_run(patch_sums<V>& sum, const float* a, const float* b,
                                                        std::size_t length) {
  std::size_t k = 0;
  for (; k + lanes <= length; k += lanes) {
    for (std::size_t i = 0; i < parts<V>; ++i) {
      const std::size_t at = k + i * width_of<V>;
      sum.wide[i] = sum.wide[i] + load_anywhere<V>(a + at) * load_anywhere<V>(b + at);
    }
  }
  if (k + vec8_lanes <= length) {
    vec8<V> x, y;
    load_vec8(x, a + k);
    load_vec8(y, b + k);
    add_vec8_product(sum.half, x, y);
    k += vec8_lanes;
  }
  for (; k < length; ++k) {
    sum.rest += a[k] * b[k];
  }
}

template <class V>
inline __attribute__((always_inline)) float total_of(const patch_sums<V>& sum) {
  alignas(alignment) float eight[vec8_lanes];
  store_vec8(eight, sum.half);
  for (std::size_t half = vec8_lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      eight[k] += eight[k + half];
    }
  }
  return tree_sum<V>(sum.wide) + eight[0] + sum.rest;
}

}  // namespace detail

template <class V>
static void patch_add(const patch_add_args& a) {
  if (a.values == nullptr) {
    detail::patch_add_some<V, true>(a);
  } else {
    detail::patch_add_some<V, false>(a);
  }
}

template <class V>
static void patch_gather(const patch_gather_args& a) {
  if (a.values == nullptr) {
    detail::patch_gather_some<V, true>(a);
  } else {
    detail::patch_gather_some<V, false>(a);
  }
}

template <class V>
static void patch_send(const patch_send_args& a) {
  const patch_shape s = a.shape;
  for (std::size_t e = 0; e < a.count; ++e) {
    const std::uint32_t id = a.ids == nullptr ? static_cast<std::uint32_t>(e) : a.ids[e];
    const detail::patch p = detail::patch_of(s, id);
    detail::patch_sums<V> sum;
    for (std::size_t k = 0; k < parts<V>; ++k) {
      sum.wide[k] = constant<V>(0.0);
    }
    fill_vec8(sum.half, 0.0f);
    const float *error = a.errors + p.target, *weight = a.weights + p.weight;
    for (std::size_t j = 0; j < p.place->down; ++j, error += s.target_down, weight += s.weight_down) {
      const float *at = error, *row = weight;
      for (std::size_t i = 0; i < p.place->right; ++i, at += s.target_right, row += s.weight_right) {
        detail::multiply_run<V>(sum, at, row, s.length);
      }
    }
    a.out[id] += detail::total_of<V>(sum);
  }
}

/// The three for one instruction set. A table of their own: the cells' kernels take minutes to compile, these seconds.
struct patch_functions {
  std::string_view name;  // of the instruction set
  void (*add)(const patch_add_args&);
  void (*gather)(const patch_gather_args&);
  void (*send)(const patch_send_args&);
};

template <class V>
constexpr patch_functions make_patch_functions(std::string_view name) {
  return {name, &patch_add<V>, &patch_gather<V>, &patch_send<V>};
}

/// Those of the instruction set that a table is for.
const patch_functions& patch_functions_of(std::string_view table);

}  // namespace backspike::kernels
