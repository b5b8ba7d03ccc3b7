#pragma once
// shape(x) = exp(-|x|). SLAYER: Shrestha & Orchard 2018.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>
#include <backspike/scalar/step_exp.hpp>

namespace backspike::surrogates {

struct exponential {
  static constexpr surrogate_kind kind = surrogate_kind::exponential;
  static constexpr bool compact = false, cheap = false, bends = true;

  template <class S>
  static S shape(const S& x) {
    using std::abs;
    return step_exp(-abs(x));
  }
  template <class S>
  static S integral(const S& x) {
    const S e = shape(x);
    return select(x < constant<S>(0.0), e, constant<S>(2.0) - e);
  }
};

}  // namespace backspike::surrogates
