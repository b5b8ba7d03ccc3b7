#pragma once
// shape(x) = exp(-x^2 / 2). Wu et al. 2018, eq. 27.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>
#include <backspike/scalar/step_exp.hpp>

namespace backspike::surrogates {

struct gaussian {
  static constexpr surrogate_kind kind = surrogate_kind::gaussian;
  static constexpr bool compact = false, cheap = false, bends = false;

  template <class S>
  static S shape(const S& x) {
    return step_exp(constant<S>(-0.5) * x * x);
  }
  template <class S>
  static S integral(const S& x) {
    using std::erf;
    return constant<S>(1.2533141373155003) * (constant<S>(1.0) + erf(constant<S>(0.70710678118654752) * x));
  }
};

}  // namespace backspike::surrogates
