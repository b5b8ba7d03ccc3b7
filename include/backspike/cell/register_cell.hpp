#pragma once
// A cell of a user's own program: a struct like those of this folder, made known by one call. From then on networks,
// experiment files and every learning rule take it by its name. Its loops are compiled in the user's program, with the
// flags of that program; built with -mavx2 or -mavx512f they use those instructions.

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cell_kernels.hpp>

namespace backspike {

namespace detail {
/// Throws value_error if the name is taken by another cell. The pointer stays valid until the program ends.
const cell_info& add_cell(const cell_info& cell);
}  // namespace detail

/// Makes a cell known by its name; doing it again changes nothing. Call it before other threads use the library.
template <class Cell>
const cell_info& register_cell() {
  using batch = xsimd::batch<float>;
  using vector = std::conditional_t<(width_of<batch> > 1 && lanes % width_of<batch> == 0), batch, float>;
  static constexpr cell_functions functions = make_cell_functions<Cell, vector>();
  static const cell_info& known = detail::add_cell(describe_cell<Cell>(0, &functions));
  return known;
}

}  // namespace backspike
