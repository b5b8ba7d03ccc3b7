#pragma once
// A cell's mathematics on one scalar type, as functions over plain arrays: how code that does not know the cell's type
// (the dense path, forward mode, e-prop in double, a cell of a user's own program) runs its step and its derivatives.

#include <backspike/cell/members.hpp>
#include <backspike/cell/receptors/receptor.hpp>
#include <backspike/cell/surrogate.hpp>

#include <algorithm>
#include <cstddef>

namespace backspike {

/// A double and its derivative along one direction in the space of all parameters, carried through a whole computation.
using perturbed = dual<double, 1, dual_role::perturbation>;

template <class S>
struct cell_ops {
  /// constants from parameters.
  void (*prepare)(const S* parameters, double dt, S* constants);
  /// error_parameters += (d constants / d parameters)^T error_constants.
  void (*prepare_adjoint)(const S* parameters, double dt, const S* error_constants, S* error_parameters);
  /// Advances the state by one step; returns the output. inputs: one for each receptor.
  S (*step)(S* state, const S* constants, const S* inputs, const spike_function& spike);
  /// A step that also writes its Jacobian: rows are the states after it and then the output, columns the states before
  /// it, the inputs and the constants. [states + 1][states + inputs + constants]
  S (*jacobian)(S* state, const S* constants, const S* inputs, const spike_function& spike, S* jacobian);
  /// A step that returns the distance of the membrane to its threshold; 0 for an analog cell.
  S (*distance)(S* state, const S* constants, const S* inputs, const spike_function& spike);
};

namespace detail {

/// spike(u) that also leaves u behind, from which the surrogate's support is read.
template <class V, class Spike = spike_function>
struct recording_spike : Spike {
  V* seen;
  recording_spike(const spike_function& f, V* u) : Spike(f), seen(u) {}
  V operator()(const V& u) const {
    *seen = u;
    return Spike::operator()(u);
  }
};

/// The struct that an array holds, each member as make(value, its index).
template <class T, class Struct, class S, class Make>
Struct struct_of(const S* values, const Make& make) {
  Struct x;
  for (std::size_t k = 0; k < sizeof(Struct) / sizeof(T); ++k) {
    members<T>(x)[k] = make(values[k], k);
  }
  return x;
}

template <class S, class Struct>
Struct struct_of(const S* values) {
  return struct_of<S, Struct>(values, [](const S& x, std::size_t) { return x; });
}

template <class Cell, class S>
void ops_prepare(const S* parameters, double dt, S* constants) {
  auto out = Cell::template prepare<S>(struct_of<S, typename Cell::template parameters<S>>(parameters), dt);
  std::copy_n(members<S>(out), constant_count<Cell>, constants);
}

template <class Cell, class S>
void ops_prepare_adjoint(const S* parameters, double dt, const S* error_constants, S* error_parameters) {
  using D = dual<S, parameter_count<Cell>>;
  const auto in = struct_of<D, typename Cell::template parameters<D>>(
      parameters, [](const S& x, std::size_t k) { return D(x, k); });
  auto out = Cell::template prepare<D>(in, dt);
  for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
    for (std::size_t j = 0; j < constant_count<Cell>; ++j) {
      error_parameters[k] = error_parameters[k] + error_constants[j] * members<D>(out)[j].d[k];
    }
  }
}

template <class Cell, class S, class Spike>
S ops_advance(S* state, const S* constants, const S* inputs, const Spike& spike) {
  auto x = struct_of<S, typename Cell::template state<S>>(state);
  const S out = Cell::step(x, struct_of<S, typename Cell::template constants<S>>(constants),
                           input_of<Cell, S>([&](std::size_t r) { return inputs[r]; }), spike);
  std::copy_n(members<S>(x), state_count<Cell>, state);
  return out;
}

template <class Cell, class S>
S ops_step(S* state, const S* constants, const S* inputs, const spike_function& spike) {
  return ops_advance<Cell>(state, constants, inputs, spike);
}

template <class Cell, class S>
S ops_distance(S* state, const S* constants, const S* inputs, const spike_function& spike) {
  S u = constant<S>(0.0);
  ops_advance<Cell>(state, constants, inputs, recording_spike<S>(spike, &u));
  return u;
}

template <class Cell, class S>
S ops_jacobian(S* state, const S* constants, const S* inputs, const spike_function& spike, S* jacobian) {
  constexpr std::size_t states = state_count<Cell>, known = states + receptor_count<Cell>;
  using D = dual<S, known + constant_count<Cell>>;
  auto x = struct_of<D, typename Cell::template state<D>>(state, [](const S& v, std::size_t k) { return D(v, k); });
  const auto c = struct_of<D, typename Cell::template constants<D>>(
      constants, [](const S& v, std::size_t k) { return D(v, known + k); });
  const D out = Cell::step(x, c, input_of<Cell, D>([&](std::size_t r) { return D(inputs[r], states + r); }), spike);
  for (std::size_t k = 0; k < states; ++k) {
    state[k] = members<D>(x)[k].value;
    jacobian = std::ranges::copy(members<D>(x)[k].d, jacobian).out;
  }
  std::ranges::copy(out.d, jacobian);
  return out.value;
}

}  // namespace detail

template <class Cell, class S>
inline constexpr cell_ops<S> ops_of_cell{&detail::ops_prepare<Cell, S>, &detail::ops_prepare_adjoint<Cell, S>,
                                         &detail::ops_step<Cell, S>, &detail::ops_jacobian<Cell, S>,
                                         &detail::ops_distance<Cell, S>};

}  // namespace backspike
