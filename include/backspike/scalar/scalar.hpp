#pragma once
// What a cell may do with its scalar S. In `step`: + - * /, comparisons, abs, select(mask, a, b), step_exp. In
// `prepare`, which runs in double, also exp, expm1, log, sin, cos, atan, erf. These overloads supply the plain types;
// dual.hpp and the SIMD batches supply their own, found by argument.

#include <bit>
#include <cmath>
#include <cstdint>

namespace backspike {

/// The scalar type that a constant is given in: float for a SIMD batch of floats, double for nested duals of double.
template <class S>
struct scalar_traits {
  static S constant(double x) { return S(static_cast<typename S::value_type>(x)); }
};
template <>
struct scalar_traits<double> {
  static double constant(double x) { return x; }
};
template <>
struct scalar_traits<float> {
  static float constant(double x) { return static_cast<float>(x); }
  /// x * 2^n for an integer -126 <= n <= 127.
  static float times_power_of_two(float x, float n) {
    const std::uint32_t low_bits = std::bit_cast<std::uint32_t>(n + 12582912.0f);  // 1.5 * 2^23: n as an integer
    return x * std::bit_cast<float>((low_bits << 23) + std::bit_cast<std::uint32_t>(1.0f));
  }
};

template <class S>
S constant(double x) {
  return scalar_traits<S>::constant(x);
}

inline double select(bool mask, double a, double b) { return mask ? a : b; }
inline float select(bool mask, float a, float b) { return mask ? a : b; }

/// The plain number inside, for decisions that do not depend on derivatives.
inline double plain(double x) { return x; }
inline double plain(float x) { return static_cast<double>(x); }

}  // namespace backspike
