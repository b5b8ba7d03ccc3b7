#pragma once
// What every loss of one sample has. A loss is a class with
//
//   begin(spec, target, steps, outputs)   takes all its memory
//   read(t, y)                            row t of the readout, [outputs]; rows come in order, each once
//   finish()                              the loss, without the weights of its term, the sample and its class
//   error(t, y, weight, e)                adds weight * dL/dy_t to e, given the row again; a stepwise loss knows it
//                                         before finish()
//
// on any scalar S, so that one text serves training, finite differences and second derivatives. A new one is a header
// like the others beside this, its kind in objective_spec.hpp and its entry in losses.hpp.

#include <backspike/core/memory_plan.hpp>
#include <backspike/data/target.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/objective/softmax.hpp>
#include <backspike/scalar/dual.hpp>

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
class loss_base {
 public:
  /// [outputs] after finish(): softmax of the reduced readout; stepwise: its mean over the counted steps; spike counts;
  /// zeros where the loss knows no class.
  const std::vector<S>& scores() const { return scores_; }
  /// [classes][classes] labelled steps by true and predicted class; only where steps have labels of their own.
  const std::vector<std::uint32_t>& confusion() const { return confusion_; }

 protected:
  void begin_base(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    spec_ = spec;
    target_ = target;
    steps_ = steps;
    outputs_ = outputs;
    scores_.assign(outputs, constant<S>(0.0));
    confusion_.clear();
  }

  double weight_of(std::size_t t) const {
    return target_.weights.empty() ? 1.0 : static_cast<double>(target_.weights[t]);
  }
  double target_of(std::size_t t, std::size_t k) const { return static_cast<double>(target_.values[t * outputs_ + k]); }
  /// [ms] of a step.
  double time_of(std::size_t t) const { return static_cast<double>(t) * target_.dt; }
  /// Target spikes of a step that counts.
  double target_spikes(std::size_t t, std::size_t k) const { return weight_of(t) * target_of(t, k); }

  /// A sample with one label, once its scores are there.
  sample_loss<S> of_class(S value) const {
    const auto predicted = static_cast<std::int32_t>(largest_of<const S>(scores_));
    return {value, predicted, predicted == target_.label ? std::size_t{1} : std::size_t{0}, 1};
  }

  loss_spec spec_;
  sample_target target_;
  std::size_t steps_ = 0, outputs_ = 0;
  std::vector<S> scores_;
  std::vector<std::uint32_t> confusion_;
};

}  // namespace backspike
