#pragma once
// A cell's structs as arrays: state, parameters and constants have members of one type S only.

#include <cstddef>
#include <type_traits>

namespace backspike {

/// The members of a state, parameters or constants struct as an array.
template <class S, class T>
S* members(T& x) {
  static_assert(sizeof(T) % sizeof(S) == 0 && std::is_standard_layout_v<T>);
  return reinterpret_cast<S*>(&x);
}

template <class Cell>
inline constexpr std::size_t state_count = Cell::states.size();
template <class Cell>
inline constexpr std::size_t constant_count = sizeof(typename Cell::template constants<double>) / sizeof(double);
template <class Cell>
inline constexpr std::size_t parameter_count = Cell::fields.size();

}  // namespace backspike
