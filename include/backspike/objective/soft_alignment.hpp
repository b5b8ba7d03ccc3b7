#pragma once
// Output spikes o and target spikes g under a Gaussian kernel G of standard deviation `kernel_width`, all outputs
// together:
//
//   L = 1 - 2 <G * o, G * g> / (<G * o, G * o> + <G * g, G * g>)
//
// 0 if and only if the trains are the same, 1 for a silent output, whatever the number of spikes: an extra spike and
// one that is missing both cost. Inner products of Gaussians are Gaussians of the distance d, so that
// <G * o, G * g> = sum o_t g_s C(t - s) with C(d) = exp(-d^2 / (4 width^2)), cut where it is below 1e-6.
// Steps of weight w_t count with w_t o_t and w_t g_t.

#include <backspike/objective/loss_base.hpp>

#include <cmath>
#include <type_traits>

namespace backspike {

template <class S>
class soft_alignment : public loss_base<S> {
 public:
  static constexpr bool takes(const loss_spec& spec) { return spec.loss == loss_kind::soft_alignment; }

  void begin(const loss_spec& spec, const sample_target& target, std::size_t steps, std::size_t outputs) {
    this->begin_base(spec, target, steps, outputs);
    make_kernel();
    memory_plan take = memory_plan::take();
    plan(take, steps, outputs);
    cross_ = own_ = constant<S>(0.0);
    wanted_norm_ = 0.0;
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t k = 0; k < outputs; ++k) {
        spread(wanted_, t, k, this->target_spikes(t, k));
      }
    }
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t k = 0; k < outputs; ++k) {
        wanted_norm_ += this->target_spikes(t, k) * wanted_[t * outputs + k];
      }
    }
  }

  void read(std::size_t t, const S* y) {
    const S weight = constant<S>(this->weight_of(t));
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      const std::size_t at = t * this->outputs_ + k;
      const S spikes = weight * y[k];
      if (is_nothing(spikes)) {
        continue;
      }
      cross_ = cross_ + spikes * constant<S>(wanted_[at]);
      own_ = own_ + spikes * (constant<S>(2.0) * near_[at] + spikes);  // near_ holds the earlier ones only
      spread(near_, t, k, spikes);
    }
  }

  sample_loss<S> finish() {
    if (this->steps_ == 0) {
      return {constant<S>(0.0)};
    }
    const S both = own_ + constant<S>(wanted_norm_);
    return {constant<S>(1.0) - constant<S>(2.0) * cross_ / both};
  }

  void error(std::size_t t, const S*, double weight, S* e) const {
    const S both = own_ + constant<S>(wanted_norm_), scale = constant<S>(2.0 * weight * this->weight_of(t)) / both;
    const S closeness = constant<S>(2.0) * cross_ / both;
    for (std::size_t k = 0; k < this->outputs_; ++k) {
      const std::size_t at = t * this->outputs_ + k;
      e[k] = e[k] + scale * (closeness * near_[at] - constant<S>(wanted_[at]));
    }
  }

  void plan(memory_plan& m, std::size_t steps, std::size_t outputs) {
    m.zeros(wanted_, steps * outputs);
    m.zeros(near_, steps * outputs);
  }

 private:
  void make_kernel() {
    const double width = this->spec_.kernel_width / this->target_.dt;  // [steps]
    kernel_.clear();
    for (double d = 0.0; std::exp(-d * d / (4.0 * width * width)) >= 1e-6; d += 1.0) {
      kernel_.push_back(std::exp(-d * d / (4.0 * width * width)));
    }
  }

  /// A number with derivatives is something even where it is 0.
  template <class X>
  static bool is_nothing(const X& x) {
    if constexpr (std::is_floating_point_v<X>) {
      return x == X(0);
    }
    return false;
  }

  /// Adds what a spike of step t is worth to the steps around it.
  template <class X>
  void spread(std::vector<X>& sum, std::size_t t, std::size_t k, const X& spikes) const {
    if (is_nothing(spikes)) {
      return;
    }
    const std::size_t reach = kernel_.size() - 1, first = t > reach ? t - reach : 0;
    for (std::size_t s = first; s < this->steps_ && s <= t + reach; ++s) {
      X& to = sum[s * this->outputs_ + k];
      to = to + constant<X>(kernel_[s > t ? s - t : t - s]) * spikes;
    }
  }

  std::vector<double> kernel_;  // [reach + 1] C by distance in steps
  std::vector<double> wanted_;  // [steps][outputs] C * g
  std::vector<S> near_;         // [steps][outputs] C * o, of what has been read
  S cross_ = constant<S>(0.0), own_ = constant<S>(0.0);
  double wanted_norm_ = 0.0;
};

}  // namespace backspike
