#pragma once
// shape(x) = max(0, 1 - |x|). Bellec et al. 2018, 2020: zero outside |x| < 1.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>

namespace backspike::surrogates {

struct triangle {
  static constexpr surrogate_kind kind = surrogate_kind::triangle;
  static constexpr bool compact = true, cheap = true, bends = true;

  template <class S>
  static S shape(const S& x) {
    using std::abs;
    const S zero = constant<S>(0.0), y = constant<S>(1.0) - abs(x);
    return select(y > zero, y, zero);
  }
  template <class S>
  static S integral(const S& x) {
    const S one = constant<S>(1.0), zero = constant<S>(0.0), half = constant<S>(0.5);
    const S below = select(x > -one, half * (x + one) * (x + one), zero);
    const S above = select(x < one, one - half * (one - x) * (one - x), one);
    return select(x < zero, below, above);
  }
};

}  // namespace backspike::surrogates
