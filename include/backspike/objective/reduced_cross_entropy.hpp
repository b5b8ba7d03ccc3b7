#pragma once
// Cross-entropy of one label a sample, on a readout that is reduced over time to one value z for each class:
//
//   z_c = scale * reduce_t y_{t,c},  L = CE(z, label)
//
// reduce, over the steps whose weight w_t is not 0: max (the gradient goes to the first step that attains it), mean
// (weighted), last, count (weighted sum). A maximum leaves out the steps before the input has reached the output, see
// gradient/reach.hpp, as long as there are others.

#include <backspike/objective/loss_base.hpp>

namespace backspike {

template <class S>
class reduced_cross_entropy : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) {
    return spec.loss == loss_kind::cross_entropy && spec.readout != readout_kind::first_spike;
  }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    where_.assign(outputs, steps);  // steps: no step has counted yet
    reached_.assign(outputs, false);
    total_weight_ = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      total_weight_ += this->weight_of(t);
    }
  }

  /// first: [outputs] the first step that the input reaches; empty: all are.
  void read(std::size_t t, const S* y, std::span<const std::size_t> first = {}) {
    const double weight = this->weight_of(t);
    for (std::size_t c = 0; weight != 0.0 && c < this->outputs_; ++c) {
      S& z = this->scores_[c];
      if (sums()) {
        z = z + constant<S>(weight) * y[c];
      } else if (takes(t, c, y[c] > z, first)) {
        z = y[c];
        where_[c] = t;
      }
    }
  }

  sample_loss<S> finish() {
    const S scale = constant<S>(this->spec_.logit_scale / divisor());
    for (S& z : this->scores_) {
      z = scale * z;
    }
    const auto label = static_cast<std::size_t>(this->target_.label);
    const S value = softmax_cross_entropy<S>(this->scores_, label, this->spec_.label_smoothing);
    return this->of_class(value);
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    const double here = this->weight_of(t);
    const S scale = constant<S>(weight * this->spec_.logit_scale * (sums() ? here / divisor() : 1.0));
    for (std::size_t c = 0; here != 0.0 && c < this->outputs_; ++c) {
      if (sums() || t == where_[c]) {
        const bool label = static_cast<std::int32_t>(c) == this->target_.label;
        e[c] = e[c] + scale * softmax_slope(this->scores_[c], label, this->outputs_, this->spec_.label_smoothing);
      }
    }
  }

 private:
  /// Whether the value of step t takes the place of the one before it.
  bool takes(std::size_t t, std::size_t c, bool larger, std::span<const std::size_t> first) {
    if (this->spec_.readout == readout_kind::last || where_[c] == this->steps_) {
      reached_[c] = first.empty() || t >= first[c];
      return true;
    }
    const bool arrives = !reached_[c] && !first.empty() && t >= first[c];
    reached_[c] = reached_[c] || arrives;
    return arrives || larger;
  }
  bool sums() const { return this->spec_.readout == readout_kind::mean || this->spec_.readout == readout_kind::count; }
  double divisor() const {
    return this->spec_.readout == readout_kind::mean && total_weight_ != 0.0 ? total_weight_ : 1.0;
  }

  std::vector<std::size_t> where_;  // [outputs] max, last: the step that counts
  std::vector<bool> reached_;       // [outputs] max: the input has reached that step
  double total_weight_ = 0.0;       // of the steps that count
};

}  // namespace backspike
