#pragma once
// The running mean rates of the samples in flight, where e-prop's backward form holds layers near a rate. A mean is
// made of the steps before, so it is followed forward in time, and kept where a window begins.

#include "gradient/engine/pass.hpp"
#include "gradient/rule/eprop/rate_hold.hpp"

#include <vector>

namespace backspike {

class held_rates {
 public:
  void prepare(const network& net, const eprop_options& options);

  /// Room for the means of a sample, and for those before each window.
  void plan(memory_plan& m, sample_slot& slot, const segment_plan& windows) const;

  /// The means of a sample before its first step, those of after the window of sample i, those before window j.
  void start(sample_slot& slot) const { std::ranges::fill(slot.rates, 0.0f); }
  void follow(in_flight_batch& c, std::size_t i) const;
  void keep(sample_slot& slot, std::size_t j) const;
  void resume(sample_slot& slot, std::size_t j) const;

  /// Adds coefficient (rate - target) of every step to the errors on the outputs of population q over the window of
  /// sample i, and leaves the means as they are after it.
  void add_errors(const pass& p, in_flight_batch& c, std::size_t i, std::size_t q, float* error_output) const;

 private:
  template <class F>
  void each_step(in_flight_batch& c, std::size_t i, std::size_t q, const F& f) const;
  bool holds(std::size_t q) const { return rates_[q].coefficient != 0.0; }

  std::vector<rate_hold> rates_;    // [populations]
  std::vector<std::size_t> first_;  // [populations + 1] in sample_slot::rates
  double window_ = 1.0;             // [steps]
};

}  // namespace backspike
