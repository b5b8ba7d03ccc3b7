#pragma once
// When an output spikes first. With y_t the spike of step t and s_t = prod_{u<t} (1 - y_u), which is 1 as long as there
// has been none,
//
//   time = sum_t t dt s_t y_t + (T dt + silence_penalty) s_T      [ms]
//
// the time of the first spike if y is 0 or 1; a silent output counts as one that spikes after the end. Its slope,
// d time / d y_t = s_t (t dt - r_{t+1}) with r the time that would be left without step t, is negative up to the first
// spike: an earlier one would shorten the time, in a silent train too.

#include <backspike/objective/loss_base.hpp>

#include <vector>

namespace backspike {

template <class S>
class first_spike_times {
 public:
  void begin(std::size_t steps, std::size_t outputs, double dt, double penalty) {
    steps_ = steps;
    outputs_ = outputs;
    dt_ = dt;
    silent_ = static_cast<double>(steps) * dt + penalty;
    memory_plan take = memory_plan::take();
    plan(take, steps, outputs);
  }

  void plan(memory_plan& m, std::size_t steps, std::size_t outputs) {
    m.zeros(spikes_, steps * outputs);
    m.list(silence_, steps + 1);
    m.zeros(times_, outputs);
  }

  void read(std::size_t t, std::size_t k, const S& y) { spikes_[t * outputs_ + k] = y; }

  /// Leaves the slopes in the place of the spikes.
  void finish() {
    const S one = constant<S>(1.0);
    for (std::size_t k = 0; k < outputs_; ++k) {
      silence_.assign(steps_ + 1, one);
      for (std::size_t t = 0; t < steps_; ++t) {
        silence_[t + 1] = silence_[t] * (one - spikes_[t * outputs_ + k]);
      }
      S left = constant<S>(silent_);
      for (std::size_t t = steps_; t-- > 0;) {
        S& y = spikes_[t * outputs_ + k];
        const S now = constant<S>(static_cast<double>(t) * dt_), later = left;
        left = y * now + (one - y) * later;
        y = silence_[t] * (now - later);
      }
      times_[k] = left;
    }
  }

  const S& time(std::size_t k) const { return times_[k]; }                                  // [ms]
  const S& slope(std::size_t t, std::size_t k) const { return spikes_[t * outputs_ + k]; }  // [ms] of dy
  double silent_time() const { return silent_; }                                            // [ms]

 private:
  std::size_t steps_ = 0, outputs_ = 0;
  double dt_ = 1.0, silent_ = 0.0;
  std::vector<S> spikes_;   // [steps][outputs]; after finish() the slopes
  std::vector<S> silence_;  // [steps + 1] of one output
  std::vector<S> times_;    // [outputs]
};

/// What the two losses on first spikes share: spikes of steps that count, and their times.
template <class S>
class first_spike_base : public loss_base<S> {
 public:
  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    first_.begin(steps, outputs, target.dt, spec.silence_penalty);
    slope_.assign(outputs, constant<S>(0.0));
  }

  void read(std::size_t t, const S* y) {
    for (std::size_t k = 0; this->weight_of(t) != 0.0 && k < this->outputs_; ++k) {
      first_.read(t, k, y[k]);
    }
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    for (std::size_t k = 0; this->weight_of(t) != 0.0 && k < this->outputs_; ++k) {
      e[k] = e[k] + constant<S>(weight) * slope_[k] * first_.slope(t, k);
    }
  }

  void plan(memory_plan& m, std::size_t steps, std::size_t outputs) { first_.plan(m, steps, outputs); }

 protected:
  first_spike_times<S> first_;
  std::vector<S> slope_;  // [outputs] dL / d time
};

/// z_c = -scale * time_c / time_scale, L = CE(z, label): the earliest output is the class.
template <class S>
class first_spike_cross_entropy : public first_spike_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) {
    return spec.loss == loss_kind::cross_entropy && spec.readout == readout_kind::first_spike;
  }

  sample_loss<S> finish() {
    this->first_.finish();
    const loss_spec& spec = this->spec_;
    const S scale = constant<S>(-spec.logit_scale / spec.time_scale);
    for (std::size_t c = 0; c < this->outputs_; ++c) {
      this->scores_[c] = scale * this->first_.time(c);
    }
    const auto label = static_cast<std::size_t>(this->target_.label);
    const S value = softmax_cross_entropy<S>(this->scores_, label, spec.label_smoothing);
    for (std::size_t c = 0; c < this->outputs_; ++c) {
      this->slope_[c] = scale * softmax_slope(this->scores_[c], c == label, this->outputs_, spec.label_smoothing);
    }
    return this->of_class(value);
  }
};

/// L = sum_k ((time_k - wanted_k) / time_scale)^2 / outputs; an output without a target spike is to be silent.
template <class S>
class first_spike_time : public first_spike_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::first_spike_time; }

  sample_loss<S> finish() {
    this->first_.finish();
    S sum = constant<S>(0.0);
    const double scale = 1.0 / this->spec_.time_scale, each = 1.0 / static_cast<double>(this->outputs_);
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      const S off = constant<S>(scale) * (this->first_.time(k) - constant<S>(wanted(k)));
      sum = sum + off * off;
      this->slope_[k] = constant<S>(2.0 * scale * each) * off;
    }
    return {constant<S>(each) * sum};
  }

 private:
  double wanted(std::size_t k) const {
    for (std::size_t t = 0; t < this->steps_; ++t) {
      if (this->target_spikes(t, k) > 0.0) {
        return this->time_of(t);
      }
    }
    return this->first_.silent_time();
  }
};

}  // namespace backspike
