#pragma once
// What a cell's step may do with its scalar S: + - * /, comparisons, abs, exp, expm1, atan, select(mask, a, b). These
// overloads supply the plain types; dual.hpp and the SIMD batches supply their own, found by argument.

#include <cmath>

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
