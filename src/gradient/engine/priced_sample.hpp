#pragma once
// The number of spikes of one sample, read step by step, and then the price of each: for rules that go forward in time
// and have to know it before they learn.

#include <backspike/gradient/plan_activity.hpp>

#include <algorithm>

namespace backspike {

template <class S>
class priced_sample {
 public:
  priced_sample(const network& net, const objective_spec& objective) : plan_(plan_activity(net, objective)) {
    for (std::size_t q = 0; q < plan_.layers.size(); ++q) {
      counts_.emplace_back(plan_.reads(q) ? net.populations()[q].units : 0, 0.0);
      prices_.emplace_back(counts_.back().size(), S(0));
    }
  }

  bool any() const { return plan_.any(); }

  void begin() {
    for (std::vector<double>& of : counts_) {
      std::ranges::fill(of, 0.0);
    }
  }

  /// outputs(q): [units] of population q in the next step.
  template <class Outputs>
  void read(const Outputs& outputs) {
    for (std::size_t q = 0; q < counts_.size(); ++q) {
      const auto* z = outputs(q);
      for (std::size_t n = 0; n < counts_[q].size(); ++n) {
        counts_[q][n] += static_cast<double>(z[n]);
      }
    }
  }

  /// The cost of the sample; after it, prices() are its derivatives times `weight`.
  double finish(std::size_t steps, double weight) {
    activity_prices(plan_, counts_, steps, [&](std::size_t q, std::size_t n, double price) {
      prices_[q][n] = static_cast<S>(price * weight);
    });
    return activity_cost(plan_, counts_, steps);
  }

  /// [populations][units]; empty where spikes have no price.
  const spike_counts<S>& prices() const { return prices_; }

 private:
  activity_plan plan_;
  spike_counts<double> counts_;
  spike_counts<S> prices_;
};

}  // namespace backspike
