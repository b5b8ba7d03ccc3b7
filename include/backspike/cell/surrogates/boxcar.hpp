#pragma once
// shape(x) = 1 if |x| < 1 else 0. Wu et al. 2018, eq. 24.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>

namespace backspike::surrogates {

struct boxcar {
  static constexpr surrogate_kind kind = surrogate_kind::boxcar;
  static constexpr bool compact = true, cheap = true, bends = false;

  template <class S>
  static S shape(const S& x) {
    using std::abs;
    const S one = constant<S>(1.0);
    return select(abs(x) < one, one, constant<S>(0.0));
  }
  template <class S>
  static S integral(const S& x) {
    const S one = constant<S>(1.0), zero = constant<S>(0.0);
    return select(x > -one, select(x < one, x + one, one + one), zero);
  }
};

}  // namespace backspike::surrogates
