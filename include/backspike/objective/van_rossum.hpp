#pragma once
// The distance of van Rossum (2001), with f the difference of output and target train under a causal exponential kernel
// of time constant `tau`, alpha = exp(-dt / tau):
//
//   f_t = alpha f_{t-1} + w_t (o_t - g_t),  L = (dt / tau) sum_k (sum_t f_{t,k}^2 + tail_k) / outputs
//
// The tail is what f adds after the last step until it has decayed, f_{T-1}^2 alpha^2 / (1 - alpha^2), so that a spike
// costs the same at any time: about 1/2 for one that is missing or extra, 1 for one that is far from where it belongs.

#include <backspike/objective/loss_base.hpp>

#include <cmath>

namespace backspike {

template <class S>
class van_rossum : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::van_rossum; }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    alpha_ = std::exp(-target.dt / spec.tau);
    scale_ = target.dt / spec.tau / static_cast<double>(outputs);
    memory_plan take = memory_plan::take();
    plan(take, steps, outputs);
  }

  void read(std::size_t t, const S* y) {
    const S weight = constant<S>(this->weight_of(t)), alpha = constant<S>(alpha_);
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      const std::size_t at = t * this->outputs_ + k;
      trace_[at] = weight * (y[k] - constant<S>(this->target_of(t, k)));
      if (t > 0) {
        trace_[at] = trace_[at] + alpha * trace_[at - this->outputs_];
      }
    }
  }

  /// Leaves dL/do in the place of f.
  sample_loss<S> finish() {
    S sum = constant<S>(0.0);
    const S twice = constant<S>(2.0 * scale_), alpha = constant<S>(alpha_);
    const S to_the_end = constant<S>(1.0 / (1.0 - alpha_ * alpha_));  // of the last step: itself and its tail
    for (std::size_t t = this->steps_; t-- > 0;) {
      const bool last = t + 1 == this->steps_;
      for (std::size_t k = 0; k < this->outputs_; ++k) {
        S& f = trace_[t * this->outputs_ + k];
        const S own = last ? to_the_end * f : f;
        sum = sum + f * own;
        f = last ? twice * own : twice * own + alpha * trace_[(t + 1) * this->outputs_ + k];
      }
    }
    return {constant<S>(scale_) * sum};
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    const S scale = constant<S>(weight * this->weight_of(t));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      e[k] = e[k] + scale * trace_[t * this->outputs_ + k];
    }
  }

  void plan(memory_plan& m, std::size_t steps, std::size_t outputs) { m.zeros(trace_, steps * outputs); }

 private:
  double alpha_ = 0.0, scale_ = 0.0;
  std::vector<S> trace_;  // [steps][outputs] f; after finish() dL/do
};

}  // namespace backspike
