#pragma once
// The generic kernels; isa_*.cpp instantiate them once per instruction set. Plain pointers only: an inline function of
// the standard library compiled here for AVX-512 could be picked by the linker for the whole program.

#include "kernels/kernel_table.hpp"

namespace backspike::kernels {

/// Keeps Columns * 16 sums in registers over all rows.
template <class V, std::size_t Columns>
inline __attribute__((always_inline)) void accumulate_columns(const accumulate_args& a, std::size_t column) {
  constexpr std::size_t n = Columns * parts<V>;
  V sum[n];
  for (std::size_t k = 0; k < n; ++k) {
    sum[k] = load<V>(a.sum + column + k * width_of<V>);
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
        sum[k] = sum[k] + factor * load<V>(row + k * width_of<V>);
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    store<V>(a.sum + column + k * width_of<V>, sum[k]);
  }
}

template <class V>
void accumulate(const accumulate_args& a) {
  constexpr std::size_t wide = width_of<V> == 16 ? 8 : width_of<V> == 8 ? 4 : 1;
  std::size_t column = 0;
  for (; column + wide * lanes <= a.width; column += wide * lanes) {
    accumulate_columns<V, wide>(a, column);
  }
  for (; column < a.width; column += lanes) {
    accumulate_columns<V, 1>(a, column);
  }
}

/// Sixteen partial sums, then a fixed tree: the same order on every instruction set.
template <class V>
float dot_row(const float* a, const float* b, std::size_t width) {
  V sum[parts<V>];
  for (std::size_t k = 0; k < parts<V>; ++k) {
    sum[k] = constant<V>(0.0);
  }
  for (std::size_t column = 0; column < width; column += lanes) {
    for (std::size_t k = 0; k < parts<V>; ++k) {
      const std::size_t at = column + k * width_of<V>;
      sum[k] = sum[k] + load<V>(a + at) * load<V>(b + at);
    }
  }
  alignas(alignment) float total[lanes];
  for (std::size_t k = 0; k < parts<V>; ++k) {
    store<V>(total + k * width_of<V>, sum[k]);
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      total[k] += total[k + half];
    }
  }
  return total[0];
}

template <class V>
void dot(const dot_args& a) {
  for (std::size_t e = 0; e < a.count; ++e) {
    a.out[a.ids[e]] += dot_row<V>(a.rows + a.ids[e] * a.stride, a.vector, a.width);
  }
}

template <class V, std::size_t... I>
constexpr std::array<cell_functions, cell_count> cell_table(std::index_sequence<I...>) {
  return {make_cell_functions<std::tuple_element_t<I, cell_list>, V>()...};
}

template <class V>
constexpr table make_table(std::string_view name, bool (*supported)()) {
  return {name,           supported, cell_table<V>(std::make_index_sequence<cell_count>{}),
          &accumulate<V>, &dot<V>,   &eligibility<V, float>,
          &adam<V>};
}

}  // namespace backspike::kernels
