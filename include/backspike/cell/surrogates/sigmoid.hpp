#pragma once
// shape(x) = 4 e / (1 + e)^2, e = exp(-|x|): the logistic function's derivative. Zenke & Vogels 2021.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>
#include <backspike/scalar/step_exp.hpp>

namespace backspike::surrogates {

struct sigmoid {
  static constexpr surrogate_kind kind = surrogate_kind::sigmoid;
  static constexpr bool compact = false, cheap = false, bends = false;

  template <class S>
  static S shape(const S& x) {
    using std::abs;
    const S e = step_exp(-abs(x)), y = constant<S>(1.0) + e;
    return constant<S>(4.0) * e / (y * y);
  }
  template <class S>
  static S integral(const S& x) {
    using std::abs;
    const S one = constant<S>(1.0), e = step_exp(-abs(x));
    return constant<S>(4.0) * select(x < constant<S>(0.0), e, one) / (one + e);
  }
};

}  // namespace backspike::surrogates
