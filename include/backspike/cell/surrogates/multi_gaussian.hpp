#pragma once
// shape(x) = (1.15 N(x; 0, 1) - 0.15 N(x; 1, 36) - 0.15 N(x; -1, 36)) / the same at 0, N(x; mean, variance). Yin,
// Corradi & Bohte 2021, h = 0.15 and s = 6; negative far out.

#include <backspike/cell/surrogates/gaussian.hpp>

namespace backspike::surrogates {

struct multi_gaussian {
  static constexpr surrogate_kind kind = surrogate_kind::multi_gaussian;
  static constexpr bool compact = false, cheap = false, bends = false;

  template <class S>
  static S shape(const S& x) {
    const S one = constant<S>(1.0), sixth = constant<S>(1.0 / 6.0);
    const S sides = gaussian::shape(S((x - one) * sixth)) + gaussian::shape(S((x + one) * sixth));
    return constant<S>(middle / at_zero) * gaussian::shape(x) - constant<S>(side / at_zero) * sides;
  }
  template <class S>
  static S integral(const S& x) {
    const S one = constant<S>(1.0), six = constant<S>(6.0);
    const S sides = six * (gaussian::integral(S((x - one) / six)) + gaussian::integral(S((x + one) / six)));
    return constant<S>(middle / at_zero) * gaussian::integral(x) - constant<S>(side / at_zero) * sides;
  }

 private:
  /// In units of N(0; 0, 1): the weights of the middle bell and of the two at its sides, which are six times as wide.
  static constexpr double middle = 1.15, side = 0.15 / 6.0;
  static constexpr double at_zero = middle - 2.0 * side * 0.98620711674391636;  // exp(-1/72)
};

}  // namespace backspike::surrogates
