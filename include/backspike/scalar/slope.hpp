#pragma once
// A derivative that knows that it is zero or one. In a loop that is written out, the compiler knows it too: of the
// Jacobian of a cell's step, most of which is zero, only the rest is computed. So exact zeros are left out of sums,
// which tells at most in the sign of a zero.

#include <backspike/scalar/scalar.hpp>

namespace backspike {

enum class slope_kind : unsigned char { zero, one, any };

template <class S>
struct slope {
  S value = constant<S>(0.0);
  slope_kind kind = slope_kind::zero;

  slope() = default;
  explicit slope(const S& x) : value(x), kind(slope_kind::any) {}
  static slope one() {
    slope s(constant<S>(1.0));
    s.kind = slope_kind::one;
    return s;
  }
  bool is_zero() const { return kind == slope_kind::zero; }
};

template <class S>
slope<S> operator*(const slope<S>& a, const S& b) {
  return a.is_zero() ? a : slope<S>(a.kind == slope_kind::one ? b : a.value * b);
}
template <class S>
slope<S> operator*(const S& a, const slope<S>& b) {
  return b.is_zero() ? b : slope<S>(b.kind == slope_kind::one ? a : a * b.value);
}
template <class S>
slope<S> operator/(const slope<S>& a, const S& b) {
  return a.is_zero() ? a : slope<S>(a.value / b);
}
template <class S>
slope<S> operator-(const slope<S>& a) {
  return a.is_zero() ? a : slope<S>(constant<S>(0.0) - a.value);
}
template <class S>
slope<S> operator+(const slope<S>& a, const slope<S>& b) {
  return a.is_zero() ? b : b.is_zero() ? a : slope<S>(a.value + b.value);
}
template <class S>
slope<S> operator-(const slope<S>& a, const slope<S>& b) {
  return a.is_zero() ? -b : b.is_zero() ? a : slope<S>(a.value - b.value);
}
template <class Mask, class S>
slope<S> select(const Mask& mask, const slope<S>& a, const slope<S>& b) {
  return a.is_zero() && b.is_zero() ? a : slope<S>(select(mask, a.value, b.value));
}

/// A derivative as a number.
template <class S>
S value_of(const slope<S>& x) {
  return x.value;
}
template <class S>
S value_of(const S& x) {
  return x;
}

}  // namespace backspike
