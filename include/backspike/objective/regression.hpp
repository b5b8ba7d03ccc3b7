#pragma once
// The loss of a regression: a target value for every step and output, and a price r for each distance from it:
//
//   L = sum_t w_t sum_k r(y_{t,k} - target_{t,k}) / (outputs * sum_t w_t);  r(d) = d^2; |d|; or d^2 / 2 up to
//   |d| = delta and delta (|d| - delta / 2) beyond (Huber 1964)

#include <backspike/objective/loss_base.hpp>
#include <backspike/objective/residual.hpp>

namespace backspike {

/// A price of each output beside its target, its mean over outputs and, by their weights, over steps. `Price` has
/// value(spec, y, target) and slope(spec, y, target), its derivative by y.
template <class S, class Price>
class priced_values : public loss_base<S> {
 public:
  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    total_weight_ = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      total_weight_ += this->weight_of(t);
    }
    sum_ = constant<S>(0.0);
  }

  void read(std::size_t t, const S* y) {
    const double weight = this->weight_of(t);
    S all = constant<S>(0.0);
    for (std::size_t k = 0; weight != 0.0 && k < this->outputs_; ++k) {
      all = all + Price::value(this->spec_, y[k], constant<S>(this->target_of(t, k)));
    }
    sum_ = sum_ + constant<S>(weight) * all;
  }

  sample_loss<S> finish() {
    const double total = total_weight_ == 0.0 ? 1.0 : total_weight_;
    return {sum_ * constant<S>(1.0 / (total * static_cast<double>(this->outputs_)))};
  }

  void error(std::size_t t, const S* y, double weight, S* e) const {
    const double here = this->weight_of(t);
    if (here == 0.0) {
      return;
    }
    const S scale = constant<S>(weight * here / total_weight_ / static_cast<double>(this->outputs_));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      e[k] = e[k] + scale * Price::slope(this->spec_, y[k], constant<S>(this->target_of(t, k)));
    }
  }

 private:
  double total_weight_ = 0.0;
  S sum_ = constant<S>(0.0);  // of the weighted losses of steps
};

struct residual_price {
  template <class S>
  static S value(const loss_spec& spec, const S& y, const S& target) {
    return residual_loss(spec, y - target);
  }
  template <class S>
  static S slope(const loss_spec& spec, const S& y, const S& target) {
    return residual_slope(spec, y - target);
  }
};

template <class S>
class regression : public priced_values<S, residual_price> {
 public:
  static constexpr bool takes(const loss_spec& spec) {
    return spec.loss == loss_kind::mean_squared || spec.loss == loss_kind::mean_absolute ||
           spec.loss == loss_kind::huber;
  }
};

}  // namespace backspike
