#pragma once
// The exponential function inside a step. Cells and surrogates must give the same bits on every instruction set, and
// the exponential functions of SIMD libraries differ between them (some use a fused multiply-add).
//
//   exp(x) = 2^n exp(r),  n = round(x / ln 2),  exp(r) by its Taylor polynomial of degree 7 in |r| <= ln(2) / 2
//
// Single precision: + - * and exact steps of the exponent only, no fused multiply-add. At most `step_exp_ulp` ULP off
// for -87 <= x <= 88; below it is 0 (no subnormal numbers, which are slow), above it stays at exp(88) = 1.65e38, and
// its derivative is that value: nothing overflows. Double: the C library's.

#include <backspike/scalar/dual.hpp>

#include <cmath>
#include <type_traits>

namespace backspike {

inline constexpr double step_exp_low = -87.0, step_exp_high = 88.0, step_exp_ulp = 1.5;

namespace detail {

template <class V>
V single_precision_exp(const V& argument) {
  const V low = constant<V>(step_exp_low), high = constant<V>(step_exp_high);
  const V capped = select(argument > high, high, argument);
  const V x = select(capped < low, low, capped);
  // Adding and subtracting 1.5 * 2^23 rounds to an integer in the mode that every processor starts in.
  const V magic = constant<V>(12582912.0);
  const V n = (x * constant<V>(1.4426950408889634) + magic) - magic;
  // ln 2 in two parts, the first with so few bits that n times it is exact.
  const V r = (x - n * constant<V>(0.693145751953125)) - n * constant<V>(1.4286068203094172e-6);
  V sum = constant<V>(1.0 / 5040.0) * r + constant<V>(1.0 / 720.0);
  sum = sum * r + constant<V>(1.0 / 120.0);
  sum = sum * r + constant<V>(1.0 / 24.0);
  sum = sum * r + constant<V>(1.0 / 6.0);
  sum = sum * r + constant<V>(0.5);
  sum = sum * r + constant<V>(1.0);
  sum = sum * r + constant<V>(1.0);
  return select(argument < low, constant<V>(0.0), scalar_traits<V>::times_power_of_two(sum, n));
}

}  // namespace detail

/// exp(x) for use in a cell's step, on any scalar.
template <class S>
S step_exp(const S& x) {
  if constexpr (is_dual<S>) {
    const auto e = step_exp(x.value);
    return detail::chain(x, e, e);
  } else if constexpr (std::is_same_v<S, double>) {
    return std::exp(x);
  } else {
    return detail::single_precision_exp(x);
  }
}

}  // namespace backspike
