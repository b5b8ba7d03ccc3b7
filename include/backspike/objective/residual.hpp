#pragma once
// What a distance between output and target costs in a regression, and the slope of that.

#include <backspike/objective/objective_spec.hpp>
#include <backspike/scalar/scalar.hpp>

namespace backspike {

template <class S>
S residual_loss(const loss_spec& spec, S off) {
  const S size = off > constant<S>(0.0) ? off : constant<S>(0.0) - off;
  if (spec.loss == loss_kind::mean_absolute) {
    return size;
  }
  if (spec.loss != loss_kind::huber) {
    return off * off;
  }
  const S delta = constant<S>(spec.huber_delta);
  return size > delta ? delta * (size - constant<S>(0.5 * spec.huber_delta)) : constant<S>(0.5) * off * off;
}

/// At 0, where |d| has no slope, it is 0.
template <class S>
S residual_slope(const loss_spec& spec, S off) {
  const S zero = constant<S>(0.0);
  if (spec.loss == loss_kind::mean_squared) {
    return constant<S>(2.0) * off;
  }
  const double end = spec.loss == loss_kind::huber ? spec.huber_delta : 1.0;
  const bool inside = spec.loss == loss_kind::huber && !(off > constant<S>(end)) && !(constant<S>(-end) > off);
  if (inside) {
    return off;
  }
  return off > zero ? constant<S>(end) : zero > off ? constant<S>(-end) : zero;
}

}  // namespace backspike
