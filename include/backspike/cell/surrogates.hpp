#pragma once
// The list of surrogates. A new one is a header of its own and one entry here, and its kind with its name in
// surrogate_spec.hpp; tests, kernels, files and Python read the list. docs/adding/surrogate.md walks through it.
//
// A surrogate says: its kind; whether it is `compact`, zero for |x| >= 1, so that other neurons cost nothing in the
// backward pass; whether it is `cheap`, so that asking for its kind would cost as much as the shape itself, and loops
// are compiled for it; whether it `bends` at 0, where finite differences would see neither side; shape(x), 1 at 0, for
// any scalar; and the integral of shape from minus infinity to x, in double precision or on its dual numbers.

#include <backspike/cell/surrogates/arctangent.hpp>
#include <backspike/cell/surrogates/boxcar.hpp>
#include <backspike/cell/surrogates/exponential.hpp>
#include <backspike/cell/surrogates/fast_sigmoid.hpp>
#include <backspike/cell/surrogates/gaussian.hpp>
#include <backspike/cell/surrogates/multi_gaussian.hpp>
#include <backspike/cell/surrogates/sigmoid.hpp>
#include <backspike/cell/surrogates/triangle.hpp>

#include <cstddef>
#include <tuple>

namespace backspike {

/// In the order of surrogate_kind.
using surrogate_list =
    std::tuple<surrogates::fast_sigmoid, surrogates::arctangent, surrogates::triangle, surrogates::sigmoid,
               surrogates::boxcar, surrogates::gaussian, surrogates::multi_gaussian, surrogates::exponential>;

static_assert(std::tuple_size_v<surrogate_list> == enum_names<surrogate_kind>.size(), "a surrogate without an entry");

/// f(surrogate) of the kind.
template <std::size_t I = 0, class F>
constexpr auto with_surrogate(surrogate_kind kind, const F& f) {
  using surrogate = std::tuple_element_t<I, surrogate_list>;
  static_assert(surrogate::kind == static_cast<surrogate_kind>(I), "entries are in the order of surrogate_kind");
  if constexpr (I + 1 < std::tuple_size_v<surrogate_list>) {
    if (kind != surrogate::kind) {
      return with_surrogate<I + 1>(kind, f);
    }
  }
  return f(surrogate{});
}

}  // namespace backspike
