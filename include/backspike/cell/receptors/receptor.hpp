#pragma once
// The inputs of a cell. Most have one; a cell that declares `receptors` gets one sum for each of them, in their order,
// so that synapses of several time constants or reversal potentials lead to one neuron.

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace backspike {

struct receptor {
  std::string_view name;     // by which connections call it
  double effect;             // 1: what arrives moves the membrane towards the threshold, -1: away from it
  std::string_view meaning;  // one line for help texts
};

/// A limit, so that kernels take their rows in an array of one size.
inline constexpr std::size_t most_receptors = 8;

template <class Cell>
concept has_receptors = requires {
  Cell::receptors;
};

namespace detail {
template <class Cell>
constexpr std::size_t count_receptors() {
  if constexpr (has_receptors<Cell>) {
    static_assert(Cell::receptors.size() >= 1 && Cell::receptors.size() <= most_receptors);
    return Cell::receptors.size();
  } else {
    return 1;
  }
}

/// The receptors of another cell, if it has any.
template <class Cell>
struct receptors_of {};
template <has_receptors Cell>
struct receptors_of<Cell> {
  static constexpr auto& receptors = Cell::receptors;
};
}  // namespace detail

template <class Cell>
inline constexpr std::size_t receptor_count = detail::count_receptors<Cell>();

/// What the step of a cell takes: its only input, or one for each receptor.
template <class Cell, class S>
using cell_input = std::conditional_t<receptor_count<Cell> == 1, S, std::array<S, receptor_count<Cell>>>;

/// of(receptor) for each receptor.
template <class Cell, class S, class Of>
inline __attribute__((always_inline)) cell_input<Cell, S> input_of(const Of& of) {
  if constexpr (receptor_count<Cell> == 1) {
    return of(std::size_t{0});
  } else {
    return [&of]<std::size_t... R>(std::index_sequence<R...>) { return cell_input<Cell, S>{of(R)...}; }
    (std::make_index_sequence<receptor_count<Cell>>{});
  }
}

}  // namespace backspike
