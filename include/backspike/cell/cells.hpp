#pragma once
// The list of cells. A new cell is a header of its own and one entry here.

#include <backspike/cell/cuba_lif.hpp>
#include <backspike/cell/leaky_integrator.hpp>
#include <backspike/cell/lif.hpp>

#include <cstddef>
#include <tuple>

namespace backspike {

using cell_list = std::tuple<lif, cuba_lif, leaky_integrator>;

inline constexpr std::size_t cell_count = std::tuple_size_v<cell_list>;

/// Calls `f.operator()<Cell>()` for the cell at `index` and returns what it returns.
template <std::size_t I = 0, class F>
decltype(auto) visit_cell(std::size_t index, F&& f) {
  if constexpr (I + 1 == cell_count) {
    return f.template operator()<std::tuple_element_t<I, cell_list>>();
  } else {
    return index == I ? f.template operator()<std::tuple_element_t<I, cell_list>>() : visit_cell<I + 1>(index, f);
  }
}

}  // namespace backspike
