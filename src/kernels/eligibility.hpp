#pragma once
// One step of e-prop for a block of synapses that share their targets j and have sources i (Bellec et al. 2020, eq. 4,
// 14 and 23, with A, b, o, p the parts of the target cell's own Jacobian):
//
//   e_ij    = o_j . eps_ij + p_j x_i                 eligibility trace, from eps before the step
//   eps_ij <- A_j eps_ij + b_j x_i                   eligibility vector, one value a state of the cell
//   f_ij   <- filter * f_ij + e_ij                   as the readout sees it
//   g_ij   += error_j * f_ij + direct_j * e_ij
//
// Written once for a SIMD batch of floats and for plain float or double. Rows by source, vectors over targets: all but
// the four streams over the synapses stay in the first cache. If A and b are the same for all targets, so is eps: one
// trace a source replaces one a synapse, and most of the memory traffic goes.

#include <backspike/scalar/simd.hpp>

#include <cstddef>
#include <type_traits>

namespace backspike::kernels {

inline constexpr std::size_t most_eligibility_states = 8;

template <class T>
struct eligibility_args {
  std::size_t rows, width, states;
  std::size_t columns;  // of the Jacobian
  bool common;          // one trace a source, which the caller advances
  const T* source;      // [rows] x
  const T* touched;     // [rows] 0: the source has never sent anything, its traces are zero
  const T* jacobian;    // [states + 1][columns][width]
  T* traces;            // eps: [rows][states][width]; common: [rows][states]
  T* filtered;          // f: [rows][width], or null: f is e
  T filter;
  const T* error;   // [width]
  const T* direct;  // [width], or null: zero
  T* gradient;      // g: [rows], `stride` apart; null: every error is zero
  std::size_t stride;
  std::size_t receptor = 0;  // of the target that these synapses feed: b and p are those of this input
};

namespace detail {

template <class V, class T>
inline __attribute__((always_inline)) V read(const T* p) {
  if constexpr (std::is_same_v<V, T>) {
    return *p;
  } else {
    return V::load_aligned(p);
  }
}

template <class V, class T>
inline __attribute__((always_inline)) void write(T* p, const V& x) {
  if constexpr (std::is_same_v<V, T>) {
    *p = x;
  } else {
    x.store_aligned(p);
  }
}

}  // namespace detail

/// Traces that fade become exactly zero: a silent source must not leave denormal numbers behind, which are slow.
template <class V>
inline __attribute__((always_inline)) V flushed(const V& x) {
  using std::abs;
  return select(abs(x) > constant<V>(1e-30), x, constant<V>(0.0));
}

template <class V, class T, std::size_t States, bool Common>
void eligibility_rows(const eligibility_args<T>& a) {
  using detail::read;
  using detail::write;
  const std::size_t w = a.width;
  const T* out = a.jacobian + States * a.columns * w;
  const std::size_t input = (States + a.receptor) * w;
  for (std::size_t row = 0; row < a.rows; ++row) {
    if (a.touched[row] == T(0)) {
      continue;
    }
    const V x(a.source[row]);
    T* traces = a.traces + row * States * (Common ? 1 : w);
    T* filtered = a.filtered == nullptr ? nullptr : a.filtered + row * w;
    T* gradient = a.gradient == nullptr ? nullptr : a.gradient + row * a.stride;
    for (std::size_t c = 0; c < w; c += width_of<V>) {
      V before[States];
      for (std::size_t k = 0; k < States; ++k) {
        before[k] = Common ? V(traces[k]) : read<V>(traces + (Common ? k : k * w + c));
      }
      V e = read<V>(out + input + c) * x;
      for (std::size_t k = 0; k < States; ++k) {
        e = e + read<V>(out + k * w + c) * before[k];
      }
      if constexpr (!Common) {
        for (std::size_t k = 0; k < States; ++k) {
          const T* j = a.jacobian + k * a.columns * w + c;
          V after = read<V>(j + input) * x;
          for (std::size_t m = 0; m < States; ++m) {
            after = after + read<V>(j + m * w) * before[m];
          }
          write(traces + k * w + c, flushed(after));
        }
      }
      V seen = e;
      if (filtered != nullptr) {
        seen = flushed(V(V(a.filter) * read<V>(filtered + c) + e));
        write(filtered + c, seen);
      }
      if (gradient != nullptr) {
        V g = read<V>(gradient + c) + read<V>(a.error + c) * seen;
        if (a.direct != nullptr) {
          g = g + read<V>(a.direct + c) * e;
        }
        write(gradient + c, g);
      }
    }
  }
}

template <class V, class T, std::size_t States = 1>
void eligibility(const eligibility_args<T>& a) {
  if (a.states == States) {
    if (a.common) {
      eligibility_rows<V, T, States, true>(a);
    } else {
      eligibility_rows<V, T, States, false>(a);
    }
  } else if constexpr (States < most_eligibility_states) {
    eligibility<V, T, States + 1>(a);
  }
}

}  // namespace backspike::kernels
