#pragma once
// shape(x) = 1 / (1 + x^2). Fang et al. 2021, eq. 9, without the factor 1/pi.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>

namespace backspike::surrogates {

struct arctangent {
  static constexpr surrogate_kind kind = surrogate_kind::arctangent;
  static constexpr bool compact = false, cheap = true, bends = false;

  template <class S>
  static S shape(const S& x) {
    return constant<S>(1.0) / (constant<S>(1.0) + x * x);
  }
  template <class S>
  static S integral(const S& x) {
    using std::atan;
    return atan(x) + constant<S>(1.5707963267948966);
  }
};

}  // namespace backspike::surrogates
