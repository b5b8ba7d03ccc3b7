#pragma once
// The spike and its pseudo-derivative. u is the distance of the membrane to its threshold.
//
//   hard mode:    s = 1 if u >= 0 else 0,      ds/du := height * shape(u / width)
//   smooth mode:  s = height * width * Shape(u / width), Shape the integral of shape, ds/du exact
//
// with the shape of one of the list in cell/surrogates.hpp.

#include <backspike/cell/surrogates.hpp>
#include <backspike/scalar/dual.hpp>

#include <type_traits>

namespace backspike {

/// True if the surrogate is zero beyond |u| >= width: such neurons cost nothing in the backward pass.
constexpr bool has_compact_support(surrogate_kind kind) {
  return with_surrogate(kind, [](auto surrogate) { return decltype(surrogate)::compact; });
}

/// shape(x), for any scalar.
template <class S>
S surrogate_shape(surrogate_kind kind, const S& x) {
  return with_surrogate(kind, [&](auto surrogate) { return decltype(surrogate)::shape(x); });
}

/// The integral of shape from minus infinity to x, in double precision or on its dual numbers.
template <class S>
S surrogate_integral(surrogate_kind kind, const S& x) {
  return with_surrogate(kind, [&](auto surrogate) { return decltype(surrogate)::integral(x); });
}

/// spike(u) on any scalar. On a dual number it carries surrogate'(u) * du, evaluated in the inner scalar type, so that
/// nesting gives the second derivative.
struct spike_function {
  surrogate_kind kind = surrogate_kind::fast_sigmoid;
  double width = 0.1, height = 1.0, inverse_width = 10.0;
  spike_mode mode = spike_mode::hard;
  reset_kind reset = reset_kind::subtract;
  bool detach_reset = true;
  double refractory = 0.0;  // [steps] after a spike, of cells that are `refractory`

  spike_function() = default;
  spike_function(const surrogate_spec& surrogate, reset_kind reset_, bool detach, spike_mode mode_,
                 double refractory_ = 0.0)
      : kind(surrogate.kind),
        width(surrogate.width),
        height(surrogate.height),
        inverse_width(1.0 / surrogate.width),
        mode(mode_),
        reset(reset_),
        detach_reset(detach),
        refractory(refractory_) {}

  template <class S>
  S derivative(const S& u) const {
    return constant<S>(height) * surrogate_shape(kind, u * constant<S>(inverse_width));
  }

  template <class S>
  S refractory_steps() const {
    return constant<S>(refractory);
  }

  template <class S>
  S operator()(const S& u) const {
    if constexpr (is_dual<S>) {
      using inner = typename S::value_type;
      return detail::chain(u, (*this)(u.value), inner(derivative(u.value)));
    } else {
      if constexpr (std::is_same_v<S, double>) {  // single precision trains on hard spikes only
        if (mode == spike_mode::smooth) {
          return height * width * surrogate_integral(kind, u * (1.0 / width));
        }
      }
      return select(u >= constant<S>(0.0), constant<S>(1.0), constant<S>(0.0));
    }
  }
};

/// The same where the compiler knows the choices, with its numbers at hand: in a loop nothing is asked and converted
/// again. Hard spikes, on V and its dual numbers.
template <class V, surrogate_kind Kind, reset_kind Reset, bool DetachReset>
struct fixed_spike {
  static constexpr reset_kind reset = Reset;
  static constexpr bool detach_reset = DetachReset;
  using surrogate = std::tuple_element_t<static_cast<std::size_t>(Kind), surrogate_list>;
  V height, inverse_width, refractory;

  explicit fixed_spike(const spike_function& f)
      : height(constant<V>(f.height)),
        inverse_width(constant<V>(f.inverse_width)),
        refractory(constant<V>(f.refractory)) {}

  template <class S>
  S refractory_steps() const {
    return S(refractory);
  }

  V derivative(const V& u) const { return height * surrogate::shape(V(u * inverse_width)); }
  V operator()(const V& u) const { return select(u >= constant<V>(0.0), constant<V>(1.0), constant<V>(0.0)); }
  template <class S>
  S operator()(const S& u) const {
    return detail::chain(u, (*this)(u.value), derivative(u.value));
  }
};

/// s as the reset sees it: without its local derivative if the reset is detached.
template <class S>
S reset_path(const S& s, bool) {
  return s;
}
template <class S, std::size_t N, dual_role R>
dual<S, N, R> reset_path(const dual<S, N, R>& s, bool detached) {
  return R != dual_role::perturbation && detached ? dual<S, N, R>(s.value) : s;
}

/// The membrane after the reset. subtract: v - s * (reset_strength * v_th); to_value: v + s * (v_reset - v). That of a
/// neuron that is refractory is held (cell/refractory.hpp).
template <class S, class Constants, class Spike>
S apply_reset(const S& v, const S& spike, const Constants& c, const Spike& how) {
  if constexpr (requires { how.held; }) {
    return select(how.is_free, apply_reset(v, spike, c, how.of_cell), how.held);
  } else {
    if (how.reset == reset_kind::none) {
      return v;
    }
    const S s = reset_path(spike, how.detach_reset);
    return how.reset == reset_kind::subtract ? v - s * (c.reset_strength * c.v_th) : v + s * (c.v_reset - v);
  }
}

}  // namespace backspike
