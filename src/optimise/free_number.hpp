#pragma once
// Between a parameter's value, which has a range, and the number u that training moves freely (parameter_transform).

#include <backspike/core/arena.hpp>
#include <backspike/scalar/dual.hpp>
#include <backspike/scalar/quotients.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace backspike {

class free_number {
 public:
  /// The range is open: what a float cannot tell from an end is moved to the float beside it.
  explicit free_number(const parameter_info& p)
      : kind_(p.transform), low_(p.low), high_(p.high), least_(beside(p.low, p.high)), most_(beside(p.high, p.low)) {}

  double of(float value) const {
    const double x = inside(static_cast<double>(value)), above = x - low_;
    switch (kind_) {
      case parameter_transform::exp:
        return std::log(above);
      case parameter_transform::softplus:
        return above + std::log(-std::expm1(-above));
      case parameter_transform::sigmoid:
        return std::log(above) - std::log(high_ - x);
      case parameter_transform::clamp:
        break;
    }
    return x;
  }

  float value_at(double u) const { return static_cast<float>(inside(value(u))); }

  /// d value / d u.
  double slope_at(double u) const { return value(dual<double, 1>(u, 0)).d[0]; }

 private:
  static double beside(double end, double other) {
    return std::isinf(end) ? end
                           : static_cast<double>(std::nextafter(static_cast<float>(end), static_cast<float>(other)));
  }
  double inside(double x) const { return std::clamp(x, least_, most_); }

  template <class S>
  S value(const S& u) const {
    using std::abs;
    using std::exp;
    const S one = constant<S>(1.0), zero = constant<S>(0.0), low = constant<S>(low_);
    const S e = exp(-abs(u));  // does not overflow
    switch (kind_) {
      case parameter_transform::exp:
        return low + exp(u);
      case parameter_transform::softplus:
        return low + select(u >= zero, u, zero) + e * log1p_over_x(e);
      case parameter_transform::sigmoid:
        return low + constant<S>(high_ - low_) * select(u < zero, e, one) / (one + e);
      case parameter_transform::clamp:
        break;
    }
    return u;
  }

  parameter_transform kind_;
  double low_, high_, least_, most_;
};

}  // namespace backspike
