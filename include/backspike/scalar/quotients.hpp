#pragma once
// Quotients that are regular where their formula says 0 / 0: the limit of equal time constants is an ordinary case.

#include <backspike/scalar/scalar.hpp>

#include <cmath>

namespace backspike {

/// expm1(x) / x for x up to 709, also at 0; the series is exact to double precision below the switch.
template <class S>
S expm1_over_x(const S& x) {
  using std::expm1;
  if (std::fabs(plain(x)) > 1e-3) {
    return expm1(x) / x;
  }
  const S one = constant<S>(1.0);
  S sum = one;
  for (int n = 6; n >= 2; --n) {
    sum = one + x * constant<S>(1.0 / n) * sum;
  }
  return sum;
}

/// factor (exp(-a) - exp(-b)) / (b - a), with decay_a = exp(-a) and decay_b = exp(-b): what one exponential decay
/// leaves of another. Regular at a = b; from the larger of the two decays, since the ratio to the smaller one overflows
/// where that one is 0.
template <class S>
S times_decay_difference(const S& factor, const S& a, const S& b, const S& decay_a, const S& decay_b) {
  return plain(a) < plain(b) ? factor * decay_a * expm1_over_x(a - b) : factor * decay_b * expm1_over_x(b - a);
}

/// log(1 + x) / x for x > -1, also at 0; the series is exact to double precision below the switch, 1e-2.
template <class S>
S log1p_over_x(const S& x) {
  using std::log;
  const S one = constant<S>(1.0);
  if (std::fabs(plain(x)) > 1e-2) {
    return log(one + x) / x;
  }
  S sum = constant<S>(0.0);
  for (int n = 9; n >= 1; --n) {
    sum = constant<S>(1.0 / n) - x * sum;
  }
  return sum;
}

}  // namespace backspike
