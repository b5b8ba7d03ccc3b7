// Dual numbers: every operation against finite differences, several directions at once, and nested for second
// derivatives.

#include <backspike/cell/surrogate.hpp>
#include <backspike/scalar/dual.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace backspike {
namespace {

using d1 = dual<double, 1>;
using d11 = dual<d1, 1>;

/// Central difference of sixth order.
double slope(const std::function<double(double)>& f, double x) {
  constexpr double h = 1e-3;
  return (45.0 * (f(x + h) - f(x - h)) - 9.0 * (f(x + 2 * h) - f(x - 2 * h)) + f(x + 3 * h) - f(x - 3 * h)) /
         (60.0 * h);
}

/// One function on any scalar, so that each test is over the same expression.
struct operation {
  std::string name;
  std::function<double(double)> on_double;
  std::function<d1(d1)> on_dual;
  std::function<d11(d11)> on_nested;
};

template <class F>
operation make(const std::string& name, F f) {
  return {name, f, f, f};
}

template <class S>
S number(double x) {
  return constant<S>(x);
}

std::vector<operation> operations() {
  using std::abs;
  using std::atan;
  using std::cos;
  using std::erf;
  using std::exp;
  using std::expm1;
  using std::log;
  using std::sin;
  return {
      make("sum", []<class S>(S x) { return S(x + x + number<S>(2.0)); }),
      make("difference", []<class S>(S x) { return S(number<S>(3.0) - x - x); }),
      make("negation", []<class S>(S x) { return S(-x); }),
      make("product", []<class S>(S x) { return S(x * x * x); }),
      make("quotient", []<class S>(S x) { return S((x + number<S>(1.0)) / (x * x + number<S>(0.5))); }),
      make("abs", []<class S>(S x) { return S(abs(x) * x); }),
      make("exp", []<class S>(S x) { return S(exp(x * x)); }),
      make("expm1", []<class S>(S x) { return S(expm1(x) / x); }),
      make("log", []<class S>(S x) { return S(log(x * x + number<S>(0.1))); }),
      make("atan", []<class S>(S x) { return S(atan(x * x)); }),
      make("sin", []<class S>(S x) { return S(sin(x * x)); }),
      make("cos", []<class S>(S x) { return S(cos(x * x)); }),
      make("erf", []<class S>(S x) { return S(erf(x * x - x)); }),
      make("step_exp", []<class S>(S x) { return S(step_exp(x * x)); }),
      make("select", []<class S>(S x) { return S(select(x > number<S>(0.0), x * x, -x * x * x)); }),
  };
}

TEST(Dual, FirstAndSecondDerivativesOfEveryOperation) {
  for (const operation& f : operations()) {
    for (const double x : {-1.7, -0.3, 0.2, 0.9, 1.4}) {
      const auto first = [&](double at) { return f.on_dual(d1(at, 0)).d[0]; };
      const d1 once = f.on_dual(d1(x, 0));
      EXPECT_DOUBLE_EQ(once.value, f.on_double(x)) << f.name << " at " << x;
      EXPECT_NEAR(once.d[0], slope(f.on_double, x), 1e-9 * std::max(1.0, std::fabs(once.d[0])))
          << f.name << " at " << x;
      const d11 twice = f.on_nested(d11(d1(x, 0), 0));
      EXPECT_DOUBLE_EQ(twice.value.value, once.value);
      EXPECT_DOUBLE_EQ(twice.value.d[0], once.d[0]);
      EXPECT_DOUBLE_EQ(twice.d[0].value, once.d[0]);
      EXPECT_NEAR(twice.d[0].d[0], slope(first, x), 1e-8 * std::max(1.0, std::fabs(twice.d[0].d[0])))
          << f.name << " at " << x;
    }
  }
}

TEST(Dual, DirectionsAreIndependent) {
  using d3 = dual<double, 3>;
  const d3 x(2.0, 0), y(3.0, 1), c(5.0);
  const d3 z = x * y / c - y;
  EXPECT_DOUBLE_EQ(z.value, 6.0 / 5.0 - 3.0);
  EXPECT_DOUBLE_EQ(z.d[0], 3.0 / 5.0);
  EXPECT_DOUBLE_EQ(z.d[1], 2.0 / 5.0 - 1.0);
  EXPECT_EQ(z.d[2], 0.0);
}

/// What a cell computes with constants that are not learned beside states that move.
TEST(Dual, ANumberWithoutDerivativesIsOneWhoseDerivativesAreZero) {
  const auto x = dual<double, 2>(1.5, 0) * dual<double, 2>(2.0, 1);
  const double a = 1.75;
  const dual<double, 2> b(a);
  const auto same = [](const dual<double, 2>& y, const dual<double, 2>& z) {
    EXPECT_DOUBLE_EQ(y.value, z.value);
    EXPECT_DOUBLE_EQ(y.d[0], z.d[0]);
    EXPECT_DOUBLE_EQ(y.d[1], z.d[1]);
  };
  same(a + x, b + x), same(x + a, x + b);
  same(a - x, b - x), same(x - a, x - b);
  same(a * x, b * x), same(x * a, x * b);
  same(a / x, b / x), same(x / a, x / b);
  EXPECT_TRUE(x > a && x >= a && !(x < a) && x >= 3.0 && !(x > 3.0));
}

TEST(Dual, ComparesByValueOnly) {
  const d1 x(1.0, 0), y(1.0);
  EXPECT_TRUE(x >= y);
  EXPECT_FALSE(x > y);
  EXPECT_FALSE(x < y);
  EXPECT_EQ(plain(d11(d1(4.0, 0), 0)), 4.0);
}

/// A detached reset is a constant of the local Jacobian, and no constant of a perturbation of the whole computation.
TEST(Dual, DetachingAppliesToTheLocalRoleOnly) {
  using local = dual<double, 1, dual_role::local>;
  using perturbation = dual<double, 1, dual_role::perturbation>;
  EXPECT_EQ(reset_path(local(2.0, 0), true).d[0], 0.0);
  EXPECT_EQ(reset_path(local(2.0, 0), true).value, 2.0);
  EXPECT_EQ(reset_path(local(2.0, 0), false).d[0], 1.0);
  EXPECT_EQ(reset_path(perturbation(2.0, 0), true).d[0], 1.0);
  using nested = dual<perturbation, 1, dual_role::local>;  // the Jacobian of a perturbed computation
  const nested s(perturbation(2.0, 0), 0);
  EXPECT_EQ(plain(reset_path(s, true).d[0]), 0.0);
  EXPECT_EQ(reset_path(s, true).value.d[0], 1.0);
}

}  // namespace
}  // namespace backspike
