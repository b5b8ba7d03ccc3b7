#pragma once
// The objective of one sample, read range by range, so that no more of the readout has to be kept than a range:
//
//   cross_entropy       z_c = scale * reduce_t y_{t,c},  L = CE(z, label)
//                       reduce, over the steps whose weight w_t is not 0: max (the gradient goes to the first step that
//                       attains it), mean (weighted), last, count (weighted sum)
//   step_cross_entropy  L = sum_t w_t CE(scale * y_t, label_t) / sum_t w_t over the steps that have a label
//   mean_squared, mean_absolute, huber
//                       L = sum_t w_t sum_k r(y_{t,k} - target_{t,k}) / (outputs * sum_t w_t);  r(d) = d^2; |d|; or
//                       d^2 / 2 up to |d| = delta and delta (|d| - delta / 2) beyond (Huber 1964)

#include <backspike/data/target.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/objective/residual.hpp>
#include <backspike/objective/softmax.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

template <class S>
struct sample_loss {
  S value;
  std::int32_t predicted = -1;           // class of the sample; -1: the loss knows none
  std::size_t correct = 0, counted = 0;  // of samples (one label each) or of labelled steps; 0 in a regression
};

template <class S>
class sample_objective {
 public:
  void begin(const objective_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs);

  /// Rows [first, first + y.steps) of the readout. Ranges come in order, each once.
  void read(std::size_t first, trace_view<const S> y);

  /// After the last range: the loss of the sample.
  sample_loss<S> finish();

  /// weight * dL/dy for a range, given its readout again. A stepwise loss knows it before finish().
  void error(std::size_t first, trace_view<const S> y, double weight, trace_view<S> error);

  /// [classes] after finish(): softmax of the reduced readout; stepwise: mean over the counted steps.
  const std::vector<S>& scores() const { return scores_; }
  /// [classes][classes] labelled steps by true and predicted class; only where steps have labels of their own.
  const std::vector<std::uint32_t>& confusion() const { return confusion_; }

 private:
  double weight_of(std::size_t t) const;
  std::int32_t label_of(std::size_t t) const {
    return target_.step_labels.empty() ? target_.label : target_.step_labels[t];
  }
  void read_reduced(std::size_t t, const S* y);
  void read_labelled(std::size_t t, const S* y);
  void read_valued(std::size_t t, const S* y);
  void error_reduced(std::size_t t, double weight, S* error) const;
  void error_labelled(std::size_t t, const S* y, double weight, S* error);
  void error_valued(std::size_t t, const S* y, double weight, S* error) const;
  void logits(const S* y);

  objective_spec spec_;
  sample_target target_;
  std::size_t outputs_ = 0;
  double total_weight_ = 0.0;       // of the steps that count
  std::vector<S> scores_;           // while reading: the reduced readout, or the sum of the softmax of the steps
  std::vector<std::size_t> where_;  // [classes] max, last: the step that counts
  std::vector<S> row_;              // [outputs] of one step
  std::vector<std::uint32_t> confusion_;
  S sum_ = constant<S>(0.0);  // of the weighted losses of steps
  std::size_t correct_ = 0, counted_ = 0;
};

template <class S>
double sample_objective<S>::weight_of(std::size_t t) const {
  if (spec_.loss == loss_kind::step_cross_entropy && label_of(t) < 0) {
    return 0.0;
  }
  return target_.weights.empty() ? 1.0 : static_cast<double>(target_.weights[t]);
}

template <class S>
void sample_objective<S>::begin(const objective_spec& spec, const sample_target& target, std::size_t steps,
                                std::size_t outputs) {
  spec_ = spec;
  target_ = target;
  outputs_ = outputs;
  total_weight_ = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    total_weight_ += weight_of(t);
  }
  scores_.assign(outputs, constant<S>(0.0));
  where_.assign(outputs, steps);  // steps: no step has counted yet
  row_.assign(outputs, constant<S>(0.0));
  const bool confuses = spec.loss == loss_kind::step_cross_entropy && !target.step_labels.empty();
  confusion_.assign(confuses ? outputs * outputs : 0, 0);
  sum_ = constant<S>(0.0);
  correct_ = counted_ = 0;
}

template <class S>
void sample_objective<S>::read(std::size_t first, trace_view<const S> y) {
  for (std::size_t i = 0; i < y.steps; ++i) {
    if (weight_of(first + i) == 0.0) {
      continue;
    }
    switch (spec_.loss) {
      case loss_kind::cross_entropy:
        read_reduced(first + i, y.row(i));
        break;
      case loss_kind::step_cross_entropy:
        read_labelled(first + i, y.row(i));
        break;
      default:
        read_valued(first + i, y.row(i));
        break;
    }
    ++counted_;
  }
}

template <class S>
void sample_objective<S>::read_reduced(std::size_t t, const S* y) {
  const bool sums = spec_.readout == readout_kind::mean || spec_.readout == readout_kind::count;
  const S weight = constant<S>(weight_of(t));
  for (std::size_t c = 0; c < outputs_; ++c) {
    if (sums) {
      scores_[c] = scores_[c] + weight * y[c];
    } else if (counted_ == 0 || spec_.readout == readout_kind::last || y[c] > scores_[c]) {
      scores_[c] = y[c];
      where_[c] = t;
    }
  }
}

template <class S>
void sample_objective<S>::logits(const S* y) {
  const S scale = constant<S>(spec_.logit_scale);
  for (std::size_t c = 0; c < outputs_; ++c) {
    row_[c] = scale * y[c];
  }
}

template <class S>
void sample_objective<S>::read_labelled(std::size_t t, const S* y) {
  logits(y);
  const auto label = static_cast<std::size_t>(label_of(t));
  const std::size_t predicted = largest_of<S>(row_);
  correct_ += predicted == label ? 1 : 0;
  if (!confusion_.empty()) {
    ++confusion_[label * outputs_ + predicted];
  }
  sum_ = sum_ + constant<S>(weight_of(t)) * softmax_cross_entropy<S>(row_, label, spec_.label_smoothing);
  for (std::size_t c = 0; c < outputs_; ++c) {
    scores_[c] = scores_[c] + row_[c];
  }
}

template <class S>
void sample_objective<S>::read_valued(std::size_t t, const S* y) {
  S all = constant<S>(0.0);
  for (std::size_t k = 0; k < outputs_; ++k) {
    all = all + residual_loss(spec_, y[k] - constant<S>(static_cast<double>(target_.values[t * outputs_ + k])));
  }
  sum_ = sum_ + constant<S>(weight_of(t)) * all;
}

template <class S>
sample_loss<S> sample_objective<S>::finish() {
  sample_loss<S> result{constant<S>(0.0)};
  const double total = total_weight_ == 0.0 ? 1.0 : total_weight_;
  if (is_regression(spec_.loss)) {
    result.value = sum_ * constant<S>(1.0 / (total * static_cast<double>(outputs_)));
    return result;
  }
  if (spec_.loss == loss_kind::cross_entropy) {
    const S scale = constant<S>(spec_.readout == readout_kind::mean ? spec_.logit_scale / total : spec_.logit_scale);
    for (S& z : scores_) {
      z = scale * z;
    }
    result.predicted = static_cast<std::int32_t>(largest_of<S>(scores_));
    result.value = softmax_cross_entropy<S>(scores_, static_cast<std::size_t>(target_.label), spec_.label_smoothing);
  } else {
    result.value = sum_ * constant<S>(1.0 / total);
    const S each = constant<S>(1.0 / static_cast<double>(counted_ == 0 ? 1 : counted_));
    for (S& p : scores_) {
      p = each * p;
    }
    if (!target_.step_labels.empty()) {
      result.correct = correct_;
      result.counted = counted_;
      return result;
    }
    result.predicted = static_cast<std::int32_t>(largest_of<S>(scores_));
  }
  result.correct = result.predicted == target_.label ? 1 : 0;
  result.counted = 1;
  return result;
}

template <class S>
void sample_objective<S>::error(std::size_t first, trace_view<const S> y, double weight, trace_view<S> error) {
  for (std::size_t i = 0; i < y.steps; ++i) {
    const double here = weight_of(first + i);
    S* row = error.row(i);
    if (here == 0.0) {
      for (std::size_t c = 0; c < outputs_; ++c) {
        row[c] = constant<S>(0.0);
      }
      continue;
    }
    switch (spec_.loss) {
      case loss_kind::cross_entropy:
        error_reduced(first + i, weight, row);
        break;
      case loss_kind::step_cross_entropy:
        error_labelled(first + i, y.row(i), weight * here / total_weight_, row);
        break;
      default:
        error_valued(first + i, y.row(i), weight * here / total_weight_, row);
        break;
    }
  }
}

template <class S>
void sample_objective<S>::error_reduced(std::size_t t, double weight, S* error) const {
  const bool sums = spec_.readout == readout_kind::mean || spec_.readout == readout_kind::count;
  const double mean = spec_.readout == readout_kind::mean ? total_weight_ : 1.0;
  const S scale = constant<S>(weight * spec_.logit_scale * (sums ? weight_of(t) / mean : 1.0));
  for (std::size_t c = 0; c < outputs_; ++c) {
    const bool label = static_cast<std::int32_t>(c) == target_.label;
    error[c] = sums || t == where_[c] ? scale * softmax_slope(scores_[c], label, outputs_, spec_.label_smoothing)
                                      : constant<S>(0.0);
  }
}

template <class S>
void sample_objective<S>::error_labelled(std::size_t t, const S* y, double weight, S* error) {
  logits(y);
  softmax<S>(row_);
  const S scale = constant<S>(weight * spec_.logit_scale);
  for (std::size_t c = 0; c < outputs_; ++c) {
    const bool label = static_cast<std::int32_t>(c) == label_of(t);
    error[c] = scale * softmax_slope(row_[c], label, outputs_, spec_.label_smoothing);
  }
}

template <class S>
void sample_objective<S>::error_valued(std::size_t t, const S* y, double weight, S* error) const {
  const S scale = constant<S>(weight / static_cast<double>(outputs_));
  for (std::size_t k = 0; k < outputs_; ++k) {
    const S off = y[k] - constant<S>(static_cast<double>(target_.values[t * outputs_ + k]));
    error[k] = scale * residual_slope(spec_, off);
  }
}

}  // namespace backspike
