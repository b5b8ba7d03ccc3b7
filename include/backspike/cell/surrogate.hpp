#pragma once
// The spike and its pseudo-derivative. u is the distance of the membrane to its threshold.
//
//   hard mode:    s = 1 if u >= 0 else 0,      ds/du := height * shape(u / width)
//   smooth mode:  s = height * width * Shape(u / width), Shape the integral of shape, ds/du exact
//
//   fast_sigmoid    shape(x) = 1 / (1 + |x|)^2        SuperSpike: Zenke & Ganguli 2018, eq. 7
//   arctangent      shape(x) = 1 / (1 + x^2)          Fang et al. 2021, eq. 9, without the factor 1/pi
//   triangle        shape(x) = max(0, 1 - |x|)        Bellec et al. 2018, 2020: zero outside |x| < 1 (compact support)
//   sigmoid         shape(x) = 4 e / (1 + e)^2, e = exp(-|x|)   the logistic function's derivative; Zenke & Vogels 2021
//   boxcar          shape(x) = 1 if |x| < 1 else 0    Wu et al. 2018, eq. 24 (compact support)
//   gaussian        shape(x) = exp(-x^2 / 2)          Wu et al. 2018, eq. 27
//   multi_gaussian  shape(x) = (1.15 N(x; 0, 1) - 0.15 N(x; 1, 36) - 0.15 N(x; -1, 36)) / the same at 0,
//                   N(x; mean, variance)              Yin, Corradi & Bohte 2021, h = 0.15 and s = 6; negative far out

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>
#include <backspike/scalar/step_exp.hpp>

#include <type_traits>

namespace backspike {

/// True if the surrogate is zero beyond |u| >= width: such neurons cost nothing in the backward pass.
constexpr bool has_compact_support(surrogate_kind kind) {
  return kind == surrogate_kind::triangle || kind == surrogate_kind::boxcar;
}

namespace detail {

/// In units of N(0; 0, 1): the weights of the middle bell and of the two at its sides, which are six times as wide.
inline constexpr double middle_bell = 1.15, side_bell = 0.15 / 6.0;
inline constexpr double bells_at_zero = middle_bell - 2.0 * side_bell * 0.98620711674391636;  // exp(-1/72)

template <class S>
S bell(const S& x) {
  return step_exp(constant<S>(-0.5) * x * x);
}

template <class S>
S three_bells(const S& x) {
  const S one = constant<S>(1.0), sixth = constant<S>(1.0 / 6.0);
  const S sides = bell((x - one) * sixth) + bell((x + one) * sixth);
  return constant<S>(middle_bell / bells_at_zero) * bell(x) - constant<S>(side_bell / bells_at_zero) * sides;
}

/// The integral of bell from minus infinity.
template <class S>
S bell_integral(const S& x) {
  using std::erf;
  return constant<S>(1.2533141373155003) * (constant<S>(1.0) + erf(constant<S>(0.70710678118654752) * x));
}

template <class S>
S three_bells_integral(const S& x) {
  const S one = constant<S>(1.0), six = constant<S>(6.0);
  const S sides = six * (bell_integral((x - one) / six) + bell_integral((x + one) / six));
  return constant<S>(middle_bell / bells_at_zero) * bell_integral(x) - constant<S>(side_bell / bells_at_zero) * sides;
}

}  // namespace detail

/// shape(x), for any scalar.
template <class S>
S surrogate_shape(surrogate_kind kind, const S& x) {
  using std::abs;
  const S one = constant<S>(1.0), zero = constant<S>(0.0);
  switch (kind) {
    case surrogate_kind::fast_sigmoid: {
      const S y = one + abs(x);
      return one / (y * y);
    }
    case surrogate_kind::arctangent:
      return one / (one + x * x);
    case surrogate_kind::sigmoid: {
      const S e = step_exp(-abs(x)), y = one + e;
      return constant<S>(4.0) * e / (y * y);
    }
    case surrogate_kind::boxcar:
      return select(abs(x) < one, one, zero);
    case surrogate_kind::gaussian:
      return detail::bell(x);
    case surrogate_kind::multi_gaussian:
      return detail::three_bells(x);
    case surrogate_kind::triangle:
      break;
  }
  const S y = one - abs(x);
  return select(y > zero, y, zero);
}

/// The integral of shape from minus infinity to x, in double precision or on its dual numbers.
template <class S>
S surrogate_integral(surrogate_kind kind, const S& x) {
  using std::abs;
  using std::atan;
  const S one = constant<S>(1.0), zero = constant<S>(0.0), half = constant<S>(0.5);
  switch (kind) {
    case surrogate_kind::fast_sigmoid:
      return one + x / (one + abs(x));
    case surrogate_kind::arctangent:
      return atan(x) + constant<S>(1.5707963267948966);
    case surrogate_kind::sigmoid: {
      const S e = step_exp(-abs(x));
      return constant<S>(4.0) * select(x < zero, e, one) / (one + e);
    }
    case surrogate_kind::boxcar:
      return select(x > -one, select(x < one, x + one, one + one), zero);
    case surrogate_kind::gaussian:
      return detail::bell_integral(x);
    case surrogate_kind::multi_gaussian:
      return detail::three_bells_integral(x);
    case surrogate_kind::triangle:
      break;
  }
  const S below = select(x > -one, half * (x + one) * (x + one), zero);
  const S above = select(x < one, one - half * (one - x) * (one - x), one);
  return select(x < zero, below, above);
}

/// spike(u) on any scalar. On a dual number it carries surrogate'(u) * du, evaluated in the inner scalar type, so that
/// nesting gives the second derivative.
struct spike_function {
  surrogate_kind kind = surrogate_kind::fast_sigmoid;
  double width = 0.1, height = 1.0, inverse_width = 10.0;
  spike_mode mode = spike_mode::hard;
  reset_kind reset = reset_kind::subtract;
  bool detach_reset = true;

  spike_function() = default;
  spike_function(const surrogate_spec& surrogate, reset_kind reset_, bool detach, spike_mode mode_)
      : kind(surrogate.kind),
        width(surrogate.width),
        height(surrogate.height),
        inverse_width(1.0 / surrogate.width),
        mode(mode_),
        reset(reset_),
        detach_reset(detach) {}

  template <class S>
  S derivative(const S& u) const {
    return constant<S>(height) * surrogate_shape(kind, u * constant<S>(inverse_width));
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
  V height, inverse_width;

  explicit fixed_spike(const spike_function& f)
      : height(constant<V>(f.height)), inverse_width(constant<V>(f.inverse_width)) {}

  V derivative(const V& u) const { return height * surrogate_shape(Kind, V(u * inverse_width)); }
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

/// The membrane after the reset. subtract: v - s * (reset_strength * v_th); to_value: v + s * (v_reset - v).
template <class S, class Constants, class Spike>
S apply_reset(const S& v, const S& spike, const Constants& c, const Spike& how) {
  if (how.reset == reset_kind::none) {
    return v;
  }
  const S s = reset_path(spike, how.detach_reset);
  return how.reset == reset_kind::subtract ? v - s * (c.reset_strength * c.v_th) : v + s * (c.v_reset - v);
}

}  // namespace backspike
