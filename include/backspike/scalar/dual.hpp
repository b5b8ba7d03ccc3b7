#pragma once
// Dual numbers: a value and its derivatives in N directions. S may itself be a dual (second derivatives) or a SIMD
// batch (sixteen neurons at once), so a cell's step written once gives every derivative that is ever needed.
//
// Loops over directions are written out however many they are (gcc alone stops at 200 instructions): else derivatives
// that are known to be zero (slope.hpp) are found to be so in every step anew.

#include <backspike/scalar/scalar.hpp>
#include <backspike/scalar/slope.hpp>

#include <array>
#include <cmath>
#include <cstddef>

namespace backspike {

/// What the directions are. `local`: the Jacobian of one step, where a detached reset is a constant. `sparse`: the same
/// with derivatives that know that they are zero. `perturbation`: a change of the whole computation (Hessian-vector
/// products), to which detaching does not apply.
enum class dual_role { local, sparse, perturbation };

/// What a derivative is.
template <class S, dual_role Role>
struct derivative_traits {
  using type = S;
  static type zero() { return constant<S>(0.0); }
  static type one() { return constant<S>(1.0); }
};
template <class S>
struct derivative_traits<S, dual_role::sparse> {
  using type = slope<S>;
  static type zero() { return {}; }
  static type one() { return type::one(); }
};

template <class S, std::size_t N, dual_role Role = dual_role::local>
struct dual {
  using value_type = S;
  using derivative = derivative_traits<S, Role>;
  static constexpr std::size_t directions = N;

  S value{};
  std::array<typename derivative::type, N> d{};

  dual() = default;
  explicit dual(const S& x) : value(x) { d.fill(derivative::zero()); }
  dual(const S& x, std::size_t direction) : dual(x) { d[direction] = derivative::one(); }
};

template <class S, std::size_t N, dual_role R>
struct scalar_traits<dual<S, N, R>> {
  static dual<S, N, R> constant(double x) { return dual<S, N, R>(backspike::constant<S>(x)); }
};

template <class T>
inline constexpr bool is_dual = false;
template <class S, std::size_t N, dual_role R>
inline constexpr bool is_dual<dual<S, N, R>> = true;

template <class S, std::size_t N, dual_role R>
double plain(const dual<S, N, R>& x) {
  return plain(x.value);
}

namespace detail {
/// f(x) with derivative slope = f'(x).
template <class S, std::size_t N, dual_role R>
dual<S, N, R> chain(const dual<S, N, R>& x, const S& value, const S& slope) {
  dual<S, N, R> y;
  y.value = value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = slope * x.d[k];
  }
  return y;
}
}  // namespace detail

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator+(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a.value + b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = a.d[k] + b.d[k];
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator-(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a.value - b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = a.d[k] - b.d[k];
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator-(const dual<S, N, R>& a) {
  return constant<dual<S, N, R>>(0.0) - a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator*(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a.value * b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = a.d[k] * b.value + a.value * b.d[k];
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator/(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a.value / b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = (a.d[k] - y.value * b.d[k]) / b.value;
  }
  return y;
}

// With a plain number, which has no derivative: what is not learned costs no products with zeros.

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator+(dual<S, N, R> a, const S& b) {
  a.value = a.value + b;
  return a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator+(const S& a, const dual<S, N, R>& b) {
  return b + a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator-(dual<S, N, R> a, const S& b) {
  a.value = a.value - b;
  return a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator-(const S& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a - b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = -b.d[k];
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator*(const S& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a * b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = a * b.d[k];
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator*(const dual<S, N, R>& a, const S& b) {
  return b * a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator/(dual<S, N, R> a, const S& b) {
  a.value = a.value / b;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    a.d[k] = a.d[k] / b;
  }
  return a;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> operator/(const S& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = a / b.value;
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = -(y.value * b.d[k]) / b.value;
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
auto operator<(const dual<S, N, R>& a, const S& b) {
  return a.value < b;
}
template <class S, std::size_t N, dual_role R>
auto operator>(const dual<S, N, R>& a, const S& b) {
  return a.value > b;
}
template <class S, std::size_t N, dual_role R>
auto operator>=(const dual<S, N, R>& a, const S& b) {
  return a.value >= b;
}

template <class S, std::size_t N, dual_role R>
auto operator<(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  return a.value < b.value;
}
template <class S, std::size_t N, dual_role R>
auto operator>(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  return a.value > b.value;
}
template <class S, std::size_t N, dual_role R>
auto operator>=(const dual<S, N, R>& a, const dual<S, N, R>& b) {
  return a.value >= b.value;
}

template <class Mask, class S, std::size_t N, dual_role R>
dual<S, N, R> select(const Mask& mask, const dual<S, N, R>& a, const dual<S, N, R>& b) {
  dual<S, N, R> y;
  y.value = select(mask, a.value, b.value);
#pragma GCC unroll 64
  for (std::size_t k = 0; k < N; ++k) {
    y.d[k] = select(mask, a.d[k], b.d[k]);
  }
  return y;
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> abs(const dual<S, N, R>& x) {
  return select(x.value < constant<S>(0.0), -x, x);
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> exp(const dual<S, N, R>& x) {
  using std::exp;
  const S e = exp(x.value);
  return detail::chain(x, e, e);
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> expm1(const dual<S, N, R>& x) {
  using std::exp;
  using std::expm1;
  return detail::chain(x, S(expm1(x.value)), S(exp(x.value)));
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> log(const dual<S, N, R>& x) {
  using std::log;
  return detail::chain(x, S(log(x.value)), constant<S>(1.0) / x.value);
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> atan(const dual<S, N, R>& x) {
  using std::atan;
  const S one = constant<S>(1.0);
  return detail::chain(x, S(atan(x.value)), one / (one + x.value * x.value));
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> sin(const dual<S, N, R>& x) {
  using std::cos;
  using std::sin;
  return detail::chain(x, S(sin(x.value)), S(cos(x.value)));
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> cos(const dual<S, N, R>& x) {
  using std::cos;
  using std::sin;
  return detail::chain(x, S(cos(x.value)), S(-sin(x.value)));
}

template <class S, std::size_t N, dual_role R>
dual<S, N, R> erf(const dual<S, N, R>& x) {
  using std::erf;
  using std::exp;
  return detail::chain(x, S(erf(x.value)), S(constant<S>(1.1283791670955126) * exp(-(x.value * x.value))));
}

}  // namespace backspike
