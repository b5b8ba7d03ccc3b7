#pragma once
// Cross-entropy of a label for every step; the error of a step is known when the step is over, as a stream needs it:
//
//   L = sum_t c(label_t) w_t CE(scale * y_t, label_t) / sum_t w_t over the steps that have a label
//
// with c the weight of a class, which is not in the sum below: a class that counts twice has twice the error.

#include <backspike/objective/loss_base.hpp>

namespace backspike {

template <class S>
class step_cross_entropy : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::step_cross_entropy; }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    this->confusion_.assign(target.step_labels.empty() ? 0 : outputs * outputs, 0);
    row_.assign(outputs, constant<S>(0.0));
    total_weight_ = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      total_weight_ += labelled_weight(t);
    }
    sum_ = constant<S>(0.0);
    correct_ = counted_ = 0;
  }

  void read(std::size_t t, const S* y) {
    const double weight = labelled_weight(t);
    if (weight == 0.0) {
      return;
    }
    logits(y);
    const auto label = static_cast<std::size_t>(label_of(t));
    const std::size_t predicted = largest_of<S>(row_);
    correct_ += predicted == label ? 1 : 0;
    ++counted_;
    if (!this->confusion_.empty()) {
      ++this->confusion_[label * this->outputs_ + predicted];
    }
    sum_ = sum_ +
           constant<S>(weight * class_weight(t)) * softmax_cross_entropy<S>(row_, label, this->spec_.label_smoothing);
    for (std::size_t c = 0; c < this->outputs_; ++c) {
      this->scores_[c] = this->scores_[c] + row_[c];
    }
  }

  sample_loss<S> finish() {
    const S value = sum_ * constant<S>(1.0 / (total_weight_ == 0.0 ? 1.0 : total_weight_));
    const S each = constant<S>(1.0 / static_cast<double>(counted_ == 0 ? 1 : counted_));
    for (S& p : this->scores_) {
      p = each * p;
    }
    return this->target_.step_labels.empty() ? this->of_class(value) : sample_loss<S>{value, -1, correct_, counted_};
  }

  void error(std::size_t t, const S* y, double weight, S* e) {
    const double here = labelled_weight(t);
    if (here == 0.0) {
      return;
    }
    logits(y);
    softmax<S>(row_);
    const S scale = constant<S>(weight * here * class_weight(t) / total_weight_ * this->spec_.logit_scale);
    for (std::size_t c = 0; c < this->outputs_; ++c) {
      const bool label = static_cast<std::int32_t>(c) == label_of(t);
      e[c] = e[c] + scale * softmax_slope(row_[c], label, this->outputs_, this->spec_.label_smoothing);
    }
  }

 private:
  std::int32_t label_of(std::size_t t) const {
    return this->target_.step_labels.empty() ? this->target_.label : this->target_.step_labels[t];
  }
  double class_weight(std::size_t t) const { return this->target_.class_weight(label_of(t)); }
  double labelled_weight(std::size_t t) const { return label_of(t) < 0 ? 0.0 : this->weight_of(t); }

  void logits(const S* y) {
    const S scale = constant<S>(this->spec_.logit_scale);
    for (std::size_t c = 0; c < this->outputs_; ++c) {
      row_[c] = scale * y[c];
    }
  }

  std::vector<S> row_;         // [outputs] of one step
  double total_weight_ = 0.0;  // of the steps that count
  S sum_ = constant<S>(0.0);   // of the weighted losses of steps
  std::size_t correct_ = 0, counted_ = 0;
};

}  // namespace backspike
