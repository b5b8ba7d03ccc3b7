#pragma once
// shape(x) = 1 / (1 + |x|)^2. SuperSpike: Zenke & Ganguli 2018, eq. 7.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/scalar/dual.hpp>

namespace backspike::surrogates {

struct fast_sigmoid {
  static constexpr surrogate_kind kind = surrogate_kind::fast_sigmoid;
  static constexpr bool compact = false, cheap = true, bends = true;

  template <class S>
  static S shape(const S& x) {
    using std::abs;
    const S y = constant<S>(1.0) + abs(x);
    return constant<S>(1.0) / (y * y);
  }
  template <class S>
  static S integral(const S& x) {
    using std::abs;
    return constant<S>(1.0) + x / (constant<S>(1.0) + abs(x));
  }
};

}  // namespace backspike::surrogates
