#pragma once
// The loops over time and neurons around a cell's step, generated from the cell for one SIMD type. Nobody writes a
// cell's derivative: the adjoint runs the same step on dual numbers and contracts the local Jacobian with the error.

#include <backspike/cell/cell_ops.hpp>
#include <backspike/scalar/simd.hpp>

#include <cstddef>
#include <cstdint>

namespace backspike {

/// A range of steps of one population for one sample. Rows of all arrays are `width` floats (whole tiles of 16).
struct cell_scan {
  std::size_t steps = 0, width = 0;
  const float* constants = nullptr;           // [constants][width]
  float* state = nullptr;                     // [states][width], carried from before the range to after it
  const float* current[most_receptors] = {};  // [receptors] [steps][width]
  float* trajectory = nullptr;                // [steps][states][width] state before each step, or null
  float* output = nullptr;                    // [steps][width] value of an analog cell; null for a spiking one
  std::uint16_t* spikes = nullptr;            // [steps][width / 16] bit per neuron; null for an analog cell
  std::uint16_t* support = nullptr;           // [steps][width / 16] neurons with a non-zero surrogate, or null
  spike_function spike;
};

/// The reverse of a cell_scan: turns the error on outputs into the error on currents, last step first.
struct cell_adjoint {
  std::size_t steps = 0, width = 0;
  const float* constants = nullptr;     // [constants][width]
  const float* trajectory = nullptr;    // [steps][states][width]
  const float* error_output = nullptr;  // [steps][width] dL/d output
  float* error_state = nullptr;         // [states][width] dL/d state, carried from after the range to before it
  float* current[most_receptors] = {};  // [receptors] [steps][width] in: input current; out: dL/d current
  float* error_constants = nullptr;     // [constants][width], added to; null if no constant is learned
  spike_function spike;
};

/// One step of one population with its Jacobian written out: what rules that run forward in time need. Without one it
/// is the plain step, with the same bits.
struct cell_tangent {
  std::size_t width = 0;
  bool with_constants = false;
  const float* constants = nullptr;           // [constants][width]
  float* state = nullptr;                     // [states][width], advanced
  const float* current[most_receptors] = {};  // [receptors] [width]
  float* output = nullptr;                    // [width] spikes as 0 and 1, or the value of an analog cell
  float* jacobian = nullptr;  // [states + 1][states + inputs (+ constants)][width], as in cell_ops::jacobian, or null
  spike_function spike;
};

struct cell_functions {
  void (*forward)(const cell_scan&);
  void (*backward)(const cell_adjoint&);
  void (*tangent)(const cell_tangent&);
};

namespace detail {

template <class V, class Struct>
void load_members(Struct& x, const float* p, std::size_t stride) {
  for (std::size_t k = 0; k < sizeof(Struct) / sizeof(V); ++k) {
    members<V>(x)[k] = load<V>(p + k * stride);
  }
}

template <class V, class Struct>
void store_members(Struct& x, float* p, std::size_t stride) {
  for (std::size_t k = 0; k < sizeof(Struct) / sizeof(V); ++k) {
    store<V>(p + k * stride, members<V>(x)[k]);
  }
}

/// A cell whose step takes constants that are plain numbers beside a state of dual numbers. One that wants both of one
/// type works, too, and computes with zeros.
template <class Cell, class V, class D>
concept takes_plain_constants = requires(typename Cell::template state<D>& x,
                                         const typename Cell::template constants<V>& c,
                                         const cell_input<Cell, D>& current, const spike_function& spike) {
  Cell::step(x, c, current, spike);
};

/// The scalar of the constants where the state's is D: dual only if their derivatives are asked for.
template <class Cell, class V, class D, bool Learned>
using constant_scalar = std::conditional_t<!Learned && takes_plain_constants<Cell, V, D>, V, D>;

/// A constant, with its direction if its derivative is asked for.
template <class K, bool Learned, class V>
inline __attribute__((always_inline)) K seed_constant(const V& value, std::size_t direction) {
  if constexpr (std::is_same_v<K, V>) {
    return value;
  } else {
    return Learned ? K(value, direction % K::directions) : K(value);
  }
}

/// Steps that all neurons take before any goes on: enough to keep states in registers, few enough for the rows that are
/// read and written to lie in as many pages and cache lines as the processor follows. Column by column over all steps,
/// a layer of 4096 neurons took eight times as long.
inline constexpr std::size_t steps_at_once = 8;

/// Vectors of neurons that go through their steps together.
template <class V>
inline constexpr std::size_t most_vectors = width_of<V> == 16 ? 4 : 2;

/// Bits of the parts of a tile are or-ed into one word.
template <class V>
inline __attribute__((always_inline)) void keep_bits(std::uint16_t* words, std::size_t column, unsigned bits) {
  const std::size_t shift = parts<V> == 1 ? 0 : column % lanes;
  std::uint16_t& word = words[column / lanes];
  word = static_cast<std::uint16_t>((shift == 0 ? 0u : word) | bits << shift);
}

/// All steps of `Together` vectors of neurons: one neuron's steps wait for each other, and other vectors fill the wait.
template <class Cell, class V, class Spike, bool Support, std::size_t Together>
[[gnu::flatten]] void scan_part(const cell_scan& scan, std::size_t first) {
  const cell_scan a = scan;  // a copy: for all the compiler knows, what a vector is stored to could be the original
  typename Cell::template constants<V> c[Together];
  typename Cell::template state<V> x[Together];
  for (std::size_t k = 0; k < Together; ++k) {
    load_members<V>(c[k], a.constants + first + k * width_of<V>, a.width);
    load_members<V>(x[k], a.state + first + k * width_of<V>, a.width);
  }
  const std::size_t tiles = a.width / lanes;
  V u = constant<V>(0.0);
  const recording_spike<V, Spike> spike(a.spike, &u);
  for (std::size_t t = 0; t < a.steps; ++t) {
    for (std::size_t k = 0; k < Together; ++k) {
      const std::size_t column = first + k * width_of<V>;
      if (a.trajectory != nullptr) {
        store_members<V>(x[k], a.trajectory + t * state_count<Cell> * a.width + column, a.width);
      }
      const auto in = input_of<Cell, V>([&](std::size_t r) { return load<V>(a.current[r] + t * a.width + column); });
      const V out = Cell::step(x[k], c[k], in, spike);
      if constexpr (Cell::spiking) {
        keep_bits<V>(a.spikes + t * tiles, column, positive_bits(out));
        if constexpr (Support) {
          keep_bits<V>(a.support + t * tiles, column, positive_bits(spike.derivative(u)));
        }
      } else {
        store<V>(a.output + t * a.width + column, out);
      }
    }
  }
  for (std::size_t k = 0; k < Together; ++k) {
    store_members<V>(x[k], a.state + first + k * width_of<V>, a.width);
  }
}

/// Which derivatives are zero is known where a step does not choose its way as it runs.
template <class Cell, class Spike>
inline constexpr dual_role adjoint_role =
    std::is_same_v<Spike, spike_function>&& Cell::spiking ? dual_role::local : dual_role::sparse;

/// The Jacobian of one step by dual numbers, contracted with the error; written out, as in dual.hpp.
template <class Cell, class V, bool Learned, class Spike>
[[gnu::flatten]] void adjoint_part(const cell_adjoint& adjoint, std::size_t column) {
  const cell_adjoint a = adjoint;  // a copy, as above
  constexpr std::size_t states = state_count<Cell>, inputs = receptor_count<Cell>, constants_n = constant_count<Cell>;
  constexpr std::size_t directions = states + inputs + (Learned ? constants_n : 0);
  using D = dual<V, directions, adjoint_role<Cell, Spike>>;
  using K = constant_scalar<Cell, V, D, Learned>;
  const Spike spike(a.spike);
  typename Cell::template constants<K> c;
  V error[states], error_constants[constants_n];
#pragma GCC unroll 64
  for (std::size_t k = 0; k < constants_n; ++k) {
    const V value = load<V>(a.constants + k * a.width + column);
    members<K>(c)[k] = seed_constant<K, Learned>(value, states + inputs + k);
    error_constants[k] = Learned ? load<V>(a.error_constants + k * a.width + column) : constant<V>(0.0);
  }
#pragma GCC unroll 64
  for (std::size_t k = 0; k < states; ++k) {
    error[k] = load<V>(a.error_state + k * a.width + column);
  }
  for (std::size_t t = a.steps; t-- > 0;) {
    typename Cell::template state<D> x;
#pragma GCC unroll 64
    for (std::size_t k = 0; k < states; ++k) {
      members<D>(x)[k] = D(load<V>(a.trajectory + (t * states + k) * a.width + column), k);
    }
    const std::size_t at = t * a.width + column;
    const D out = Cell::step(
        x, c, input_of<Cell, D>([&](std::size_t r) { return D(load<V>(a.current[r] + at), states + r); }), spike);
    const V error_out = load<V>(a.error_output + at);
    const auto contract = [&](std::size_t direction) {
      auto sum = error_out * out.d[direction];
#pragma GCC unroll 64
      for (std::size_t k = 0; k < states; ++k) {
        sum = sum + error[k] * members<D>(x)[k].d[direction];
      }
      return value_of(sum);
    };
    V before[states];
#pragma GCC unroll 64
    for (std::size_t j = 0; j < states; ++j) {
      before[j] = contract(j);
    }
    for (std::size_t r = 0; r < inputs; ++r) {
      store<V>(a.current[r] + at, contract(states + r));
    }
    if constexpr (Learned) {
#pragma GCC unroll 64
      for (std::size_t k = 0; k < constants_n; ++k) {
        error_constants[k] = error_constants[k] + contract(states + inputs + k);
      }
    }
#pragma GCC unroll 64
    for (std::size_t k = 0; k < states; ++k) {
      error[k] = before[k];
    }
  }
#pragma GCC unroll 64
  for (std::size_t k = 0; k < states; ++k) {
    store<V>(a.error_state + k * a.width + column, error[k]);
  }
  if constexpr (Learned) {
#pragma GCC unroll 64
    for (std::size_t k = 0; k < constants_n; ++k) {
      store<V>(a.error_constants + k * a.width + column, error_constants[k]);
    }
  }
}

template <class Cell, class V, bool WithConstants>
[[gnu::flatten]] void tangent_part(const cell_tangent& a, std::size_t column) {
  constexpr std::size_t states = state_count<Cell>, inputs = receptor_count<Cell>, constants_n = constant_count<Cell>;
  constexpr std::size_t directions = states + inputs + (WithConstants ? constants_n : 0);
  using D = dual<V, directions>;
  using K = constant_scalar<Cell, V, D, WithConstants>;
  typename Cell::template constants<K> c;
  typename Cell::template state<D> x;
  for (std::size_t k = 0; k < constants_n; ++k) {
    const V value = load<V>(a.constants + k * a.width + column);
    members<K>(c)[k] = seed_constant<K, WithConstants>(value, states + inputs + k);
  }
  for (std::size_t k = 0; k < states; ++k) {
    members<D>(x)[k] = D(load<V>(a.state + k * a.width + column), k);
  }
  const D out = Cell::step(
      x, c, input_of<Cell, D>([&](std::size_t r) { return D(load<V>(a.current[r] + column), states + r); }), a.spike);
  float* to = a.jacobian + column;
  for (std::size_t k = 0; k < states; ++k) {
    store<V>(a.state + k * a.width + column, members<D>(x)[k].value);
    for (std::size_t j = 0; j < directions; ++j, to += a.width) {
      store<V>(to, members<D>(x)[k].d[j]);
    }
  }
  for (std::size_t j = 0; j < directions; ++j, to += a.width) {
    store<V>(to, out.d[j]);
  }
  store<V>(a.output + column, out.value);
}

template <class Cell, class V, class Spike>
[[gnu::flatten]] void step_all(const cell_tangent& tangent) {
  const cell_tangent a = tangent;  // a copy, as above
  const Spike spike(a.spike);
  for (std::size_t column = 0; column < a.width; column += width_of<V>) {
    typename Cell::template constants<V> c;
    typename Cell::template state<V> x;
    load_members<V>(c, a.constants + column, a.width);
    load_members<V>(x, a.state + column, a.width);
    const auto in = input_of<Cell, V>([&](std::size_t r) { return load<V>(a.current[r] + column); });
    store<V>(a.output + column, Cell::step(x, c, in, spike));
    store_members<V>(x, a.state + column, a.width);
  }
}

/// A step without its Jacobian asks for the reset only.
template <class Cell, class V>
void plain_step(const cell_tangent& a) {
  using enum reset_kind;
  switch (a.spike.reset) {
    case subtract:
      return step_all<Cell, V, fixed_spike<V, surrogate_kind::fast_sigmoid, subtract, true>>(a);
    case to_value:
      return step_all<Cell, V, fixed_spike<V, surrogate_kind::fast_sigmoid, to_value, true>>(a);
    case none:
      return step_all<Cell, V, spike_function>(a);
  }
}

template <class Cell, class V>
void tangent(const cell_tangent& a) {
  if (a.jacobian == nullptr) {
    plain_step<Cell, V>(a);
    return;
  }
  for (std::size_t column = 0; column < a.width; column += width_of<V>) {
    if (a.with_constants) {
      tangent_part<Cell, V, true>(a, column);
    } else {
      tangent_part<Cell, V, false>(a, column);
    }
  }
}

/// Neurons from `column` on, `Together` vectors at a time, and what is left in smaller groups.
template <class Cell, class V, class Spike, bool Support, std::size_t Together = most_vectors<V>>
void scan_columns(const cell_scan& a, std::size_t column) {
  for (; column + Together * width_of<V> <= a.width; column += Together * width_of<V>) {
    scan_part<Cell, V, Spike, Support, Together>(a, column);
  }
  if constexpr (Together > 1) {
    scan_columns<Cell, V, Spike, Support, Together / 2>(a, column);
  }
}

using scan_function = void (*)(const cell_scan& a, std::size_t column);

/// A cell whose loops are compiled for few choices alone, because there are many such cells and few networks of them.
template <class Cell>
inline constexpr bool is_rare = requires {
  Cell::rare;
};

/// For one reset. A surrogate's kind matters only where its support is asked for, which only compact ones have.
template <class Cell, class V, reset_kind Reset>
scan_function scan_of_reset(const cell_scan& a) {
  if (a.support == nullptr) {
    return &scan_columns<Cell, V, fixed_spike<V, surrogate_kind::fast_sigmoid, Reset, true>, false>;
  }
  if constexpr (is_rare<Cell>) {
    return &scan_columns<Cell, V, spike_function, true>;
  }
  return with_surrogate(a.spike.kind, [](auto surrogate) -> scan_function {
    if constexpr (decltype(surrogate)::compact) {
      return &scan_columns<Cell, V, fixed_spike<V, decltype(surrogate)::kind, Reset, true>, true>;
    } else {
      return &scan_columns<Cell, V, spike_function, true>;
    }
  });
}

/// Detached or not is all the same here.
template <class Cell, class V>
scan_function scan_of(const cell_scan& a) {
  if constexpr (Cell::spiking) {
    if (a.spike.reset == reset_kind::subtract) {
      return scan_of_reset<Cell, V, reset_kind::subtract>(a);
    }
    if (a.spike.reset == reset_kind::to_value) {
      return scan_of_reset<Cell, V, reset_kind::to_value>(a);
    }
  }
  return a.support == nullptr ? &scan_columns<Cell, V, spike_function, false>
                              : &scan_columns<Cell, V, spike_function, true>;
}

/// Steps first to last - 1 of a range.
template <class Cell, class V>
cell_scan steps_of(cell_scan a, std::size_t first, std::size_t last) {
  const auto later = [first](auto*& row, std::size_t width) { row = row == nullptr ? row : row + first * width; };
  a.steps = last - first;
  for (std::size_t r = 0; r < receptor_count<Cell>; ++r) {
    later(a.current[r], a.width);
  }
  later(a.trajectory, state_count<Cell> * a.width);
  later(a.output, a.width);
  later(a.spikes, a.width / lanes);
  later(a.support, a.width / lanes);
  return a;
}

template <class Cell, class V>
cell_adjoint steps_of(cell_adjoint a, std::size_t first, std::size_t last) {
  a.steps = last - first;
  for (std::size_t r = 0; r < receptor_count<Cell>; ++r) {
    a.current[r] += first * a.width;
  }
  a.trajectory += first * state_count<Cell> * a.width;
  a.error_output += first * a.width;
  return a;
}

template <class Cell, class V>
void scan(const cell_scan& a) {
  const scan_function columns = scan_of<Cell, V>(a);
  for (std::size_t t = 0; t < a.steps; t += steps_at_once) {
    columns(steps_of<Cell, V>(a, t, t + steps_at_once < a.steps ? t + steps_at_once : a.steps), 0);
  }
}

using adjoint_function = void (*)(const cell_adjoint& a, std::size_t column);

template <class Cell, class V, bool Learned, reset_kind Reset>
adjoint_function adjoint_of_kind(surrogate_kind kind) {
  return with_surrogate(kind, [](auto surrogate) -> adjoint_function {
    if constexpr (decltype(surrogate)::cheap) {
      return &adjoint_part<Cell, V, Learned, fixed_spike<V, decltype(surrogate)::kind, Reset, true>>;
    } else {
      return &adjoint_part<Cell, V, Learned, spike_function>;
    }
  });
}

/// The usual choices one by one, compiled for each: asked in every step they took nearly half of the time. Bells,
/// which take longer than the question, and resets that are not detached or not there have one form for all.
template <class Cell, class V, bool Learned>
adjoint_function adjoint_of(const spike_function& f) {
  if constexpr (Cell::spiking && !is_rare<Cell>) {
    if (f.detach_reset && f.reset == reset_kind::subtract) {
      return adjoint_of_kind<Cell, V, Learned, reset_kind::subtract>(f.kind);
    }
    if (f.detach_reset && f.reset == reset_kind::to_value) {
      return adjoint_of_kind<Cell, V, Learned, reset_kind::to_value>(f.kind);
    }
  }
  return &adjoint_part<Cell, V, Learned, spike_function>;
}

template <class Cell, class V>
void adjoint(const cell_adjoint& a) {
  const adjoint_function part =
      a.error_constants != nullptr ? adjoint_of<Cell, V, true>(a.spike) : adjoint_of<Cell, V, false>(a.spike);
  for (std::size_t end = a.steps; end > 0;) {
    const std::size_t begin = end > steps_at_once ? end - steps_at_once : 0;
    const cell_adjoint steps = steps_of<Cell, V>(a, begin, end);
    for (std::size_t column = 0; column < a.width; column += width_of<V>) {
      part(steps, column);
    }
    end = begin;
  }
}

}  // namespace detail

/// The loops of one cell for one SIMD type.
template <class Cell, class V>
constexpr cell_functions make_cell_functions() {
  return {&detail::scan<Cell, V>, &detail::adjoint<Cell, V>, &detail::tangent<Cell, V>};
}

}  // namespace backspike
