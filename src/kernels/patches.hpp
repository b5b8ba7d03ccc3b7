#pragma once
// Convolutions spike by spike: a source reaches a patch of targets, in runs of neighbouring channels whose weights are
// neighbours, too. A spike adds its patch of weights; the gradient adds the same patch of errors, event by event or
// channel by channel in registers; an error goes back as the product of both patches. Lanes are alike, and sums have
// one order, so all instruction sets give the same bits.

#include "kernels/dot.hpp"
#include "kernels/vec8.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

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

/// A source of the events of one channel: where on the errors the whole patch of its place would begin, and which of
/// its runs there are. Beyond a border there are no errors, and sums do not change.
struct patch_event {
  std::int64_t at;  // [floats]
  std::uint8_t top, bottom, left, right;

  __attribute__((always_inline)) bool is_whole(std::size_t down, std::size_t along) const {
    return top == 0 && bottom == down && left == 0 && right == along;
  }
};

/// The gradient of `lanes` channels of the target for one channel of the source, some events on.
struct patch_sum_args {
  const float* errors;
  const patch_event* events;
  const float* values;  // null: every one is 1
  std::size_t count;
  std::size_t down, along;  // runs of a whole patch
  std::ptrdiff_t target_down, target_right, weight_down, weight_right;
  float* gradient;         // of the first run of a whole patch
  std::size_t first, end;  // of its rows, that are asked for
};

/// The longest row of a kernel whose gradient is summed in registers: 3 and 5.
constexpr bool is_summed_in_registers(std::size_t along) { return along == 3 || along == 5; }

struct patch_send_args {
  patch_shape shape;
  const std::uint32_t* ids;  // null: all from 0 on
  std::size_t count;
  const float *weights, *errors;
  float* out;  // out[id] += sum of weight * error
};

/// Pools: the errors of all places, whose windows have one weight.
struct pool_send_args {
  const patch_place* places;
  std::size_t count, channels;
  std::ptrdiff_t target_down, target_right;
  float weight;
  const float* errors;
  float* out;
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

/// f(0), f(1), ..., each with a number that the compiler knows: so an array of sums becomes registers.
template <class F, std::size_t... I>
inline __attribute__((always_inline)) void for_each_number(std::index_sequence<I...>, const F& f) {
  (f(std::integral_constant<std::size_t, I>()), ...);
}

/// Down rows of the kernel for lanes of channels; they stay in registers over all events.
template <class V, bool Plain, std::size_t Along, std::size_t Down>
inline __attribute__((always_inline)) void patch_sum_rows(const patch_sum_args& a, std::size_t row) {
  alignas(alignment) static constexpr float nothing[lanes] = {};
  constexpr std::size_t count = Down * Along * parts<V>;
  constexpr std::make_index_sequence<count> all{};
  V sum[count];
  for_each_number(
      all, [&](auto n) __attribute__((always_inline)) {
        constexpr std::size_t j = n / (Along * parts<V>), i = n / parts<V> % Along, k = n % parts<V>;
        sum[n] = load_anywhere<V>(a.gradient + static_cast<std::ptrdiff_t>(row + j) * a.weight_down +
                                  static_cast<std::ptrdiff_t>(i) * a.weight_right + k * width_of<V>);
      });
  for (std::size_t e = 0; e < a.count; ++e) {
    const patch_event& event = a.events[e];
    const float* from = a.errors + event.at + static_cast<std::ptrdiff_t>(row) * a.target_down;
    const V value(Plain ? 1.0f : a.values[e]);
    if (event.is_whole(a.down, Along)) [[likely]] {
      for_each_number(
          all, [&](auto n) __attribute__((always_inline)) {
            constexpr std::size_t j = n / (Along * parts<V>), i = n / parts<V> % Along, k = n % parts<V>;
            const V x = load_anywhere<V>(from + static_cast<std::ptrdiff_t>(j) * a.target_down +
                                         static_cast<std::ptrdiff_t>(i) * a.target_right + k * width_of<V>);
            sum[n] = sum[n] + (Plain ? x : value * x);
          });
      continue;
    }
    for_each_number(
        all, [&](auto n) __attribute__((always_inline)) {
          constexpr std::size_t j = n / (Along * parts<V>), i = n / parts<V> % Along, k = n % parts<V>;
          const bool within = row + j >= event.top && row + j < event.bottom && i >= event.left && i < event.right;
          const float* at =
              from + static_cast<std::ptrdiff_t>(j) * a.target_down + static_cast<std::ptrdiff_t>(i) * a.target_right;
          const V x = load_anywhere<V>((within ? at : nothing) + k * width_of<V>);
          sum[n] = sum[n] + (Plain ? x : value * x);
        });
  }
  for_each_number(
      all, [&](auto n) __attribute__((always_inline)) {
        constexpr std::size_t j = n / (Along * parts<V>), i = n / parts<V> % Along, k = n % parts<V>;
        store_anywhere<V>(a.gradient + static_cast<std::ptrdiff_t>(row + j) * a.weight_down +
                              static_cast<std::ptrdiff_t>(i) * a.weight_right + k * width_of<V>,
                          sum[n]);
      });
}

/// As many rows at a time as registers hold.
template <class V, bool Plain, std::size_t Along>
inline __attribute__((always_inline)) void patch_sum_some(const patch_sum_args& a) {
  constexpr std::size_t most = width_of<V> == lanes ? Along : 1;
  std::size_t row = a.first;
  for (; row + most <= a.end; row += most) {
    patch_sum_rows<V, Plain, Along, most>(a, row);
  }
  for (; row < a.end; ++row) {
    patch_sum_rows<V, Plain, Along, 1>(a, row);
  }
}

/// Sixteen sums, then eight, then one: each of the floats at the same place of every run.
template <class V>
struct patch_sums {
  V wide[parts<V>];
  vec8<V> half;
  float rest = 0.0f;
};

/// The sums of a run for some sources. Together: they take the same errors, which are read once.
template <class V, std::size_t Sources, bool Together, bool Whole>
inline __attribute__((always_inline)) void multiply_run(patch_sums<V> (&sum)[Sources], const patch (&from)[Sources],
                                                        const float* errors, const float* weights, std::size_t length) {
  std::size_t k = 0;
  for (; k + lanes <= length; k += lanes) {
    for (std::size_t i = 0; i < parts<V>; ++i) {
      const std::size_t at = k + i * width_of<V>;
      const V first = load_anywhere<V>(errors + from[0].target + at);
      for (std::size_t q = 0; q < Sources; ++q) {
        const V x = Together || q == 0 ? first : load_anywhere<V>(errors + from[q].target + at);
        sum[q].wide[i] = sum[q].wide[i] + x * load_anywhere<V>(weights + from[q].weight + at);
      }
    }
  }
  if constexpr (!Whole) {
    if (k + vec8_lanes <= length) {
      vec8<V> x, y;
      for (std::size_t q = 0; q < Sources; ++q) {
        load_vec8(x, errors + from[q].target + k);
        load_vec8(y, weights + from[q].weight + k);
        add_vec8_product(sum[q].half, x, y);
      }
      k += vec8_lanes;
    }
    for (; k < length; ++k) {
      for (std::size_t q = 0; q < Sources; ++q) {
        sum[q].rest += errors[from[q].target + static_cast<std::ptrdiff_t>(k)] *
                       weights[from[q].weight + static_cast<std::ptrdiff_t>(k)];
      }
    }
  }
}

/// What is left over after whole vectors: eight sums and one.
template <class V>
inline __attribute__((always_inline)) float rest_of(const patch_sums<V>& sum) {
  alignas(alignment) float eight[vec8_lanes];
  store_vec8(eight, sum.half);
  for (std::size_t half = vec8_lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      eight[k] += eight[k + half];
    }
  }
  return eight[0] + sum.rest;
}

/// Sources whose patches have as many runs, one beside the other.
template <class V, std::size_t Sources, bool Together, bool Whole>
inline __attribute__((always_inline)) void send_to(const patch_send_args& a, const std::uint32_t* id,
                                                   const patch (&from)[Sources]) {
  const patch_shape& s = a.shape;
  patch_sums<V> sum[Sources];
  for (std::size_t q = 0; q < Sources; ++q) {
    for (V& part : sum[q].wide) {
      part = constant<V>(0.0);
    }
    fill_vec8(sum[q].half, 0.0f);
  }
  const std::size_t down = from[0].place->down, right = from[0].place->right;
  const float *errors = a.errors, *weights = a.weights;
  for (std::size_t j = 0; j < down; ++j, errors += s.target_down, weights += s.weight_down) {
    const float *at = errors, *row = weights;
    for (std::size_t i = 0; i < right; ++i, at += s.target_right, row += s.weight_right) {
      multiply_run<V, Sources, Together, Whole>(sum, from, at, row, s.length);
    }
  }
  float wide[Sources];
  if constexpr (Sources == 4) {
    V tiles[4][parts<V>];
    for (std::size_t q = 0; q < 4; ++q) {
      for (std::size_t i = 0; i < parts<V>; ++i) {
        tiles[q][i] = sum[q].wide[i];
      }
    }
    tree_sum4<V>(tiles, wide);
  } else {
    for (std::size_t q = 0; q < Sources; ++q) {
      wide[q] = tree_sum<V>(sum[q].wide);
    }
  }
  for (std::size_t q = 0; q < Sources; ++q) {
    a.out[id[q]] += Whole ? wide[q] : wide[q] + rest_of(sum[q]);
  }
}

template <class V, std::size_t Sources, bool Whole>
inline __attribute__((always_inline)) void send_alike(const patch_send_args& a, const std::uint32_t* id,
                                                      const patch* from) {
  patch some[Sources];
  bool together = true;
  for (std::size_t q = 0; q < Sources; ++q) {
    some[q] = from[q];
    together = together && from[q].target == from[0].target;
  }
  together ? send_to<V, Sources, true, Whole>(a, id, some) : send_to<V, Sources, false, Whole>(a, id, some);
}

/// Four sources beside each other hide the latency of their sums, which do not depend on who is asked beside them.
template <class V, bool Whole>
inline __attribute__((always_inline)) void patch_send_some(const patch_send_args& a) {
  for (std::size_t e = 0; e < a.count;) {
    std::uint32_t id[4];
    patch from[4];
    std::size_t alike = 0;
    for (; alike < 4 && e + alike < a.count; ++alike) {
      id[alike] = a.ids == nullptr ? static_cast<std::uint32_t>(e + alike) : a.ids[e + alike];
      from[alike] = patch_of(a.shape, id[alike]);
      if (from[alike].place->down != from[0].place->down || from[alike].place->right != from[0].place->right) {
        break;
      }
    }
    if (alike == 4) {
      send_alike<V, 4, Whole>(a, id, from);
      e += 4;
    } else if (alike >= 2) {
      send_alike<V, 2, Whole>(a, id, from);
      e += 2;
    } else {
      send_alike<V, 1, Whole>(a, id, from);
      e += 1;
    }
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

template <class V>
static void patch_sum(const patch_sum_args& a) {
  if (a.along == 3) {
    a.values == nullptr ? detail::patch_sum_some<V, true, 3>(a) : detail::patch_sum_some<V, false, 3>(a);
  } else {
    a.values == nullptr ? detail::patch_sum_some<V, true, 5>(a) : detail::patch_sum_some<V, false, 5>(a);
  }
}

template <class V>
static void patch_send(const patch_send_args& a) {
  a.shape.length % lanes == 0 ? detail::patch_send_some<V, true>(a) : detail::patch_send_some<V, false>(a);
}

/// Channel after channel of a place: its sum over windows, then the sum to the errors.
template <class V>
static void pool_send(const pool_send_args& a) {
  const V weight(a.weight);
  for (std::size_t place = 0; place < a.count; ++place) {
    const patch_place& p = a.places[place];
    float* to = a.out + place * a.channels;
    const auto send = [&](auto vector, std::size_t k) {
      using W = decltype(vector);
      W sum(0.0f);
      const float* from = a.errors + p.target + k;
      for (std::size_t j = 0; j < p.down; ++j, from += a.target_down) {
        const float* at = from;
        for (std::size_t i = 0; i < p.right; ++i, at += a.target_right) {
          sum = sum + W(a.weight) * load_anywhere<W>(at);
        }
      }
      store_anywhere<W>(to + k, load_anywhere<W>(to + k) + sum);
    };
    std::size_t k = 0;
    for (; k + width_of<V> <= a.channels; k += width_of<V>) {
      send(weight, k);
    }
    for (; k < a.channels; ++k) {
      send(a.weight, k);
    }
  }
}

/// Those for one instruction set. A table of their own: the cells' kernels take minutes to compile, these seconds.
struct patch_functions {
  std::string_view name;  // of the instruction set
  void (*add)(const patch_add_args&);
  void (*gather)(const patch_gather_args&);
  void (*sum)(const patch_sum_args&);
  void (*send)(const patch_send_args&);
  void (*pool_send)(const pool_send_args&);
};

template <class V>
constexpr patch_functions make_patch_functions(std::string_view name) {
  return {name, &patch_add<V>, &patch_gather<V>, &patch_sum<V>, &patch_send<V>, &pool_send<V>};
}

/// Those of the instruction set that a table is for.
const patch_functions& patch_functions_of(std::string_view table);

}  // namespace backspike::kernels
