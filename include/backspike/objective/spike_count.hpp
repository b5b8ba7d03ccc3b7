#pragma once
// How many spikes each output gives over the sample, against the number that is wanted:
//
//   n_k = sum_t w_t y_{t,k},  L = sum_k (n_k - wanted_k)^2 / outputs
//
// wanted_k: spike_count, the number of target spikes; class_spike_count, `count_true` for the label's output and
// `count_false` for the others (Shrestha & Orchard 2018).

#include <backspike/objective/loss_base.hpp>

namespace backspike {

template <class S>
class spike_count : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) {
    return spec.loss == loss_kind::spike_count || spec.loss == loss_kind::class_spike_count;
  }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    wanted_.assign(outputs, spec.count_false);
    if (takes_spike_trains(spec.loss)) {
      wanted_.assign(outputs, 0.0);
      for (std::size_t t = 0; t < steps; ++t) {
        for (std::size_t k = 0; k < outputs; ++k) {
          wanted_[k] += this->target_spikes(t, k);
        }
      }
    } else if (target.label >= 0) {
      wanted_[static_cast<std::size_t>(target.label)] = spec.count_true;
    }
  }

  void read(std::size_t t, const S* y) {
    const S weight = constant<S>(this->weight_of(t));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      this->scores_[k] = this->scores_[k] + weight * y[k];
    }
  }

  sample_loss<S> finish() {
    S sum = constant<S>(0.0);
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      sum = sum + off(k) * off(k);
    }
    const S value = sum * constant<S>(1.0 / static_cast<double>(this->outputs_));
    return takes_spike_trains(this->spec_.loss) ? sample_loss<S>{value} : this->of_class(value);
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    const S scale = constant<S>(2.0 * weight * this->weight_of(t) / static_cast<double>(this->outputs_));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      e[k] = e[k] + scale * off(k);
    }
  }

 private:
  S off(std::size_t k) const { return this->scores_[k] - constant<S>(wanted_[k]); }

  std::vector<double> wanted_;  // [outputs]
};

}  // namespace backspike
