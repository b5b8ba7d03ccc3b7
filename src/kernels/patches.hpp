#pragma once
// Convolutions spike by spike: a source reaches a patch of targets, in runs of neighbouring channels whose weights are
// neighbours, too. A spike adds its patch of weights; the gradient adds the same patch of errors; an error goes back as
// the product of both patches. Lanes are alike, and sums have one order, so all instruction sets give the same bits.

#include "kernels/dot.hpp"
#include "kernels/vec8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

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

/// to[k] += value * from[k]; Whole: the length is as many vectors, 0: any.
template <class V, bool Plain, std::size_t Whole>
inline __attribute__((always_inline)) void add_run(float* to, const float* from, std::size_t any, float value) {
  const std::size_t length = Whole == 0 ? any : Whole * width_of<V>;
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

/// Calls f with the vectors of a run where these are few and nothing is left over, else with 0: short loops unroll.
template <class V, class F>
inline __attribute__((always_inline)) void for_length(std::size_t length, const F& f) {
  switch (length % width_of<V> == 0 ? length / width_of<V> : 0) {
    case 1:
      f(std::integral_constant<std::size_t, 1>());
      break;
    case 2:
      f(std::integral_constant<std::size_t, 2>());
      break;
    case 4:
      f(std::integral_constant<std::size_t, 4>());
      break;
    case 8:
      f(std::integral_constant<std::size_t, 8>());
      break;
    default:
      f(std::integral_constant<std::size_t, 0>());
  }
}

template <class V, bool Plain, std::size_t Whole>
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
        add_run<V, Plain, Whole>(at, row, s.length, value);
      }
    }
  }
}

template <class V, bool Plain, std::size_t Whole>
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
        add_run<V, Plain, Whole>(row, at, s.length, value);
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

/// The sums of a run for some sources of one place, whose weights are `own` floats further on: an error is read once.
template <class V, std::size_t Sources>
inline __attribute__((always_inline)) void multiply_run(patch_sums<V> (&sum)[Sources], const float* error,
                                                        const float* weight, const std::ptrdiff_t (&own)[Sources],
                                                        std::size_t length) {
  std::size_t k = 0;
  for (; k + lanes <= length; k += lanes) {
    for (std::size_t i = 0; i < parts<V>; ++i) {
      const std::size_t at = k + i * width_of<V>;
      const V x = load_anywhere<V>(error + at);
      for (std::size_t q = 0; q < Sources; ++q) {
        sum[q].wide[i] = sum[q].wide[i] + x * load_anywhere<V>(weight + own[q] + at);
      }
    }
  }
  if (k + vec8_lanes <= length) {
    vec8<V> x, y;
    load_vec8(x, error + k);
    for (std::size_t q = 0; q < Sources; ++q) {
      load_vec8(y, weight + own[q] + k);
      add_vec8_product(sum[q].half, x, y);
    }
    k += vec8_lanes;
  }
  for (; k < length; ++k) {
    for (std::size_t q = 0; q < Sources; ++q) {
      sum[q].rest += error[k] * weight[own[q] + static_cast<std::ptrdiff_t>(k)];
    }
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

/// How many of the sources from `at` on, at most `most`, have the place and the group of the first.
inline __attribute__((always_inline)) std::size_t neighbours(const patch_send_args& a, std::size_t at,
                                                             std::size_t most) {
  const patch_shape& s = a.shape;
  const std::uint32_t first = a.ids == nullptr ? static_cast<std::uint32_t>(at) : a.ids[at];
  const std::uint32_t place = quotient(first, s.by_channels), channel = first - place * s.channels;
  const std::uint32_t end = place * s.channels + (quotient(channel, s.by_group) + 1) * s.of_group;
  std::size_t n = 1;
  while (n < most && at + n < a.count && (a.ids == nullptr ? first + n : a.ids[at + n]) < end) {
    ++n;
  }
  return n;
}

/// The errors of some sources of one place and group.
template <class V, std::size_t Sources>
inline __attribute__((always_inline)) void send_to(const patch_send_args& a, std::size_t first) {
  const patch_shape& s = a.shape;
  std::uint32_t id[Sources];
  std::ptrdiff_t own[Sources];
  patch_sums<V> sum[Sources];
  for (std::size_t q = 0; q < Sources; ++q) {
    id[q] = a.ids == nullptr ? static_cast<std::uint32_t>(first + q) : a.ids[first + q];
    own[q] = static_cast<std::ptrdiff_t>((id[q] - id[0]) * s.stride);
    for (V& part : sum[q].wide) {
      part = constant<V>(0.0);
    }
    fill_vec8(sum[q].half, 0.0f);
  }
  const patch p = patch_of(s, id[0]);
  const float *error = a.errors + p.target, *weight = a.weights + p.weight;
  for (std::size_t j = 0; j < p.place->down; ++j, error += s.target_down, weight += s.weight_down) {
    const float *at = error, *row = weight;
    for (std::size_t i = 0; i < p.place->right; ++i, at += s.target_right, row += s.weight_right) {
      multiply_run<V>(sum, at, row, own, s.length);
    }
  }
  for (std::size_t q = 0; q < Sources; ++q) {
    a.out[id[q]] += total_of<V>(sum[q]);
  }
}

}  // namespace detail

template <class V>
static void patch_add(const patch_add_args& a) {
  detail::for_length<V>(a.shape.length, [&](auto whole) {
    a.values == nullptr ? detail::patch_add_some<V, true, whole()>(a) : detail::patch_add_some<V, false, whole()>(a);
  });
}

template <class V>
static void patch_gather(const patch_gather_args& a) {
  detail::for_length<V>(a.shape.length, [&](auto whole) {
    a.values == nullptr ? detail::patch_gather_some<V, true, whole()>(a)
                        : detail::patch_gather_some<V, false, whole()>(a);
  });
}

/// Sources of one place take the same errors: up to four of them at once. Each has sums of its own, so that its bits do
/// not depend on who is asked beside it.
template <class V>
static void patch_send(const patch_send_args& a) {
  for (std::size_t e = 0; e < a.count;) {
    switch (detail::neighbours(a, e, 4)) {
      case 4:
        detail::send_to<V, 4>(a, e);
        e += 4;
        break;
      case 3:
      case 2:
        detail::send_to<V, 2>(a, e);
        e += 2;
        break;
      default:
        detail::send_to<V, 1>(a, e);
        e += 1;
    }
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
