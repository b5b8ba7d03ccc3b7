#pragma once
// A cell of a user's own program: a struct like those of this folder, made known by one call. From then on networks,
// experiment files and every learning rule take it by its name. Its loops are compiled in the user's program, with the
// flags of that program; built with -mavx2 or -mavx512f they use those instructions.

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/refractory.hpp>

namespace backspike {

namespace detail {
/// Throws value_error if the name is taken by another cell. The pointer stays valid until the program ends.
const cell_info& add_cell(const cell_info& cell);
}  // namespace detail

namespace detail {
using own_batch = xsimd::batch<float>;
template <class Cell>
inline constexpr cell_functions own_functions = make_cell_functions<
    Cell, std::conditional_t<(width_of<own_batch> > 1 && lanes % width_of<own_batch> == 0), own_batch, float>>();

/// The cell with a refractory period, or nullptr.
template <class Cell>
const cell_info* refractory_info() {
  if constexpr (Cell::spiking) {
    static constexpr cell_info info = describe_cell<refractory<Cell>>(0, &own_functions<refractory<Cell>>);
    return &info;
  } else {
    return nullptr;
  }
}
}  // namespace detail

/// Makes a cell known by its name; doing it again changes nothing. Call it before other threads use the library.
template <class Cell>
const cell_info& register_cell() {
  static const cell_info& known =
      detail::add_cell(describe_cell<Cell>(0, &detail::own_functions<Cell>, detail::refractory_info<Cell>()));
  return known;
}

}  // namespace backspike
