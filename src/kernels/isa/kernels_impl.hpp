#pragma once
// The generic kernels; isa_*.cpp instantiate them once per instruction set. Plain pointers only: an inline function of
// the standard library compiled here for AVX-512 could be picked by the linker for the whole program.

#include "kernels/kernel_table.hpp"

namespace backspike::kernels {

/// Keeps Columns * 16 sums in registers over all rows.
template <class V, bool Fused, std::size_t Columns>
inline __attribute__((always_inline)) void accumulate_columns(const accumulate_args& a, std::size_t column) {
  constexpr std::size_t n = Columns * parts<V>;
  V sum[n];
  const float* from = a.from == nullptr ? a.sum : a.from;
  for (std::size_t k = 0; k < n; ++k) {
    sum[k] = load<V>(from + column + k * width_of<V>);
  }
  if (a.values == nullptr) {
    for (std::size_t e = 0; e < a.count; ++e) {
      const float* row = a.rows + a.ids[e] * a.stride + column;
      for (std::size_t k = 0; k < n; ++k) {
        sum[k] = sum[k] + load<V>(row + k * width_of<V>);
      }
    }
  } else {
    for (std::size_t e = 0; e < a.count; ++e) {
      const float* row = a.rows + a.ids[e] * a.stride + column;
      const V factor(a.values[e]);
      for (std::size_t k = 0; k < n; ++k) {
        sum[k] = multiply_add<V, Fused>(factor, load<V>(row + k * width_of<V>), sum[k]);
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    store<V>(a.sum + column + k * width_of<V>, sum[k]);
  }
}

template <class V, bool Fused = false>
void accumulate(const accumulate_args& a) {
  constexpr std::size_t wide = width_of<V> == 16 ? 8 : width_of<V> == 8 ? 4 : 1;
  std::size_t column = 0;
  for (; column + wide * lanes <= a.width; column += wide * lanes) {
    accumulate_columns<V, Fused, wide>(a, column);
  }
  if constexpr (wide >= 4) {
    for (; column + wide / 2 * lanes <= a.width; column += wide / 2 * lanes) {
      accumulate_columns<V, Fused, wide / 2>(a, column);
    }
  }
  for (; column < a.width; column += lanes) {
    accumulate_columns<V, Fused, 1>(a, column);
  }
}

template <class V, std::size_t... I>
constexpr std::array<cell_functions, 2 * cell_count> cell_table(std::index_sequence<I...>) {
  return {make_cell_functions<std::tuple_element_t<I, cell_list>, V>()...,
          make_cell_functions<refractory_or_same<std::tuple_element_t<I, cell_list>>, V>()...};
}

template <class V>
constexpr table make_table(std::string_view name, bool (*supported)(), const table* fused) {
  return {name,
          supported,
          fused,
          cell_table<V>(std::make_index_sequence<cell_count>{}),
          &accumulate<V>,
          &dot<V>,
          &tile_dot<V>,
          &product<V, float_sum<false>>,
          &product<V, pair_sum>,
          &pairs<V>,
          &panel_pairs<V>,
          &compact_spikes<V>,
          &nonzeros<V>,
          &squares<V>,
          &eligibility<V, float>,
          &adam<V>,
          &adam_step<V>,
          &tap_add<V>,
          &tap_gather<V>,
          &tap_block<V>,
          &tap_step<V>,
          &interleave<V>,
          &add_apart<V>,
          &normals<V>};
}

/// The same with fused products and sums.
template <class V>
constexpr table make_fused_table(std::string_view name, bool (*supported)()) {
  table t = make_table<V>(name, supported, nullptr);
  t.accumulate = &accumulate<V, true>;
  t.product = &product<V, float_sum<true>>;
  t.dot = &dot<V, true>;
  t.tile_dot = &tile_dot<V, true>;
  return t;
}

}  // namespace backspike::kernels
