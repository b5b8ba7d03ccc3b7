#pragma once
// How far spikes stray from their target times. The output is smoothed by an exponential on both sides, of unit mass
// and time constant `tau`,
//
//   r_t = (1 - alpha) / (1 + alpha) sum_s alpha^|t - s| w_s o_s,  alpha = exp(-dt / tau)
//
// and each target spike t* of an output has the window W of the steps that are nearer to it than to the output's other
// target spikes. With V the mean of (t - t*)^2 over the window,
//
//   J = (sum_W r_t (t - t*)^2 + f V) / (V (sum_W r_t + f)),  L = mean of J over the target spikes
//
// is the normalised second moment: 1 for a train without spikes or one that does not know its time, near 0 for spikes
// at t*. f = 0.05 spikes stand for a train that knows nothing; with them J and its slope are finite in silence, and the
// slope there points towards firing at t*.

#include <backspike/objective/loss_base.hpp>

#include <cmath>

namespace backspike {

template <class S>
class jitter : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::jitter; }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    alpha_ = std::exp(-target.dt / spec.tau);
    windows_.clear();
    memory_plan take = memory_plan::take();
    plan(take, steps, outputs, count_targets());
    for (std::size_t k = 0; k < outputs; ++k) {
      find_windows(k);
    }
  }

  void read(std::size_t t, const S* y) {
    const S weight = constant<S>(this->weight_of(t));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      smooth_[t * this->outputs_ + k] = weight * y[k];
    }
  }

  /// Leaves dL/do in the place of the spikes.
  sample_loss<S> finish() {
    run_kernel();
    S sum = constant<S>(0.0);
    for (std::size_t i = 0, k = 0; k < this->outputs_; ++k) {
      std::size_t covered = 0;
      for (; i < windows_.size() && windows_[i].output == k; ++i) {
        sum = sum + moment(windows_[i]);
        covered = windows_[i].end;
      }
      for (std::size_t t = covered; t < this->steps_; ++t) {  // an output without a target spike has no window
        smooth_[t * this->outputs_ + k] = constant<S>(0.0);
      }
    }
    run_kernel();  // the kernel is symmetric: it is its own adjoint
    return {constant<S>(1.0 / count()) * sum};
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    const S scale = constant<S>(weight * this->weight_of(t));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      e[k] = e[k] + scale * smooth_[t * this->outputs_ + k];
    }
  }

  /// Where the targets are not known yet: a spike in 20 steps.
  void plan(memory_plan& m, std::size_t steps, std::size_t outputs) { plan(m, steps, outputs, steps * outputs / 20); }

 private:
  static constexpr double floor = 0.05;  // [spikes]

  struct window {
    std::size_t output, begin, end, target;  // steps
    double spread;                           // [steps^2] V
  };

  double count() const { return windows_.empty() ? 1.0 : static_cast<double>(windows_.size()); }

  void plan(memory_plan& m, std::size_t steps, std::size_t outputs, std::size_t targets) {
    m.zeros(smooth_, steps * outputs);
    m.exactly(before_, steps * outputs);
    m.zeros(state_, outputs);
    m.list(windows_, targets);
  }

  std::size_t count_targets() const {
    std::size_t spikes = 0;
    for (std::size_t t = 0; t < this->steps_; ++t) {
      for (std::size_t k = 0; k < this->outputs_; ++k) {
        spikes += this->target_spikes(t, k) > 0.0 ? 1 : 0;
      }
    }
    return spikes;
  }

  void find_windows(std::size_t k) {
    const std::size_t first = windows_.size();
    for (std::size_t t = 0; t < this->steps_; ++t) {
      if (this->target_spikes(t, k) > 0.0) {
        const bool another = windows_.size() > first;
        const std::size_t begin = another ? (windows_.back().target + t + 1) / 2 : 0;
        if (another) {
          windows_.back().end = begin;
        }
        windows_.push_back({k, begin, this->steps_, t, 0.0});
      }
    }
    for (std::size_t i = first; i < windows_.size(); ++i) {
      window& w = windows_[i];
      for (std::size_t t = w.begin; t < w.end; ++t) {
        w.spread += square(t, w.target) / static_cast<double>(w.end - w.begin);
      }
    }
  }

  static double square(std::size_t t, std::size_t target) {
    const double d = static_cast<double>(t) - static_cast<double>(target);
    return d * d;
  }

  /// J of a window; leaves its slope, as a part of L, in the place of r.
  S moment(const window& w) {
    S mass = constant<S>(floor), second = constant<S>(floor * w.spread);
    for (std::size_t t = w.begin; t < w.end; ++t) {
      const S& r = smooth_[t * this->outputs_ + w.output];
      mass = mass + r;
      second = second + constant<S>(square(t, w.target)) * r;
    }
    const double spread = w.spread > 0.0 ? w.spread : 1.0;  // a window of one step: no spike in it can stray
    const S mean = second / mass, scale = constant<S>(1.0 / (count() * spread)) / mass;
    for (std::size_t t = w.begin; t < w.end; ++t) {
      smooth_[t * this->outputs_ + w.output] = scale * (constant<S>(square(t, w.target)) - mean);
    }
    return constant<S>(1.0 / spread) * mean;
  }

  /// r in the place of o: what came before by one recurrence, what comes after by another.
  void run_kernel() {
    const S alpha = constant<S>(alpha_), unit = constant<S>((1.0 - alpha_) / (1.0 + alpha_));
    const std::size_t outputs = this->outputs_;
    std::ranges::fill(state_, constant<S>(0.0));
    for (std::size_t t = 0; t < this->steps_; ++t) {
      for (std::size_t k = 0; k < outputs; ++k) {
        before_[t * outputs + k] = alpha * state_[k];
        state_[k] = before_[t * outputs + k] + smooth_[t * outputs + k];
      }
    }
    std::ranges::fill(state_, constant<S>(0.0));
    for (std::size_t t = this->steps_; t-- > 0;) {
      for (std::size_t k = 0; k < outputs; ++k) {
        state_[k] = alpha * state_[k] + smooth_[t * outputs + k];
        smooth_[t * outputs + k] = unit * (before_[t * outputs + k] + state_[k]);
      }
    }
  }

  double alpha_ = 0.0;
  std::vector<window> windows_;  // by output, then by time
  std::vector<S> smooth_;        // [steps][outputs] w o; in finish() r, then dL/dr; after it dL/do
  std::vector<S> before_;        // [steps][outputs] the kernel's causal part
  std::vector<S> state_;         // [outputs]
};

}  // namespace backspike
