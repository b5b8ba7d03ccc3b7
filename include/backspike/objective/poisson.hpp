#pragma once
// Counts in steps as draws from a Poisson distribution whose log rate is the output, for decoders of neural activity:
//
//   L = sum_t w_t sum_k (exp(y_{t,k}) - target_{t,k} y_{t,k}) / (outputs * sum_t w_t)
//
// the negative log-likelihood but for what does not depend on y. Its least value is where exp(y) is the target's mean.

#include <backspike/objective/regression.hpp>

#include <cmath>

namespace backspike {

struct poisson_price {
  template <class S>
  static S value(const loss_spec&, const S& y, const S& target) {
    using std::exp;
    return exp(y) - target * y;
  }
  template <class S>
  static S slope(const loss_spec&, const S& y, const S& target) {
    using std::exp;
    return exp(y) - target;
  }
};

template <class S>
class poisson : public priced_values<S, poisson_price> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::poisson; }
};

}  // namespace backspike
