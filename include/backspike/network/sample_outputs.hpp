#pragma once
// The objectives of one sample: one for each output of a network, which reads a population, is judged on its own, and
// has a part in the loss.

#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/sample_objective.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

template <class S>
class sample_outputs {
 public:
  /// Network and objective outlive the sample.
  void begin(const network& net, const objective_spec& objective, const dataset& data, std::uint32_t sample) {
    begin(net, objective, data.inputs.length(sample),
          [&](const network_output& o) { return data.target(sample, data.targets(o.target)); });
  }
  /// target_of(output): what it is to give.
  template <class Targets>
  void begin(const network& net, const objective_spec& objective, std::size_t steps, const Targets& target_of) {
    judges_.resize(net.output_list().size());
    for (std::size_t k = 0; k < judges_.size(); ++k) {
      judges_[k].begin(objective.of(k), target_of(net.output(k)), steps, net.output(k).units);
    }
  }

  std::size_t size() const { return judges_.size(); }
  sample_objective<S>& operator[](std::size_t output) { return judges_[output]; }
  const sample_objective<S>& operator[](std::size_t output) const { return judges_[output]; }

  /// After all have read their last step: the loss of the sample.
  S finish() {
    results_.clear();
    for (sample_objective<S>& judge : judges_) {
      results_.push_back(judge.finish());
    }
    S sum = results_.front().value;
    for (std::size_t k = 1; k < results_.size(); ++k) {
      sum = sum + results_[k].value;
    }
    return sum;
  }
  /// [outputs] of each, after finish().
  const std::vector<sample_loss<S>>& results() const { return results_; }

 private:
  std::vector<sample_objective<S>> judges_{1};
  std::vector<sample_loss<S>> results_;
};

/// The name of the first output whose part of the loss is not finite; of the first one, if all are.
template <class S>
std::string output_not_finite(const network& net, const sample_outputs<S>& judges) {
  const auto bad = std::ranges::find_if(judges.results(), [](const auto& r) { return !std::isfinite(plain(r.value)); });
  const auto k = static_cast<std::size_t>(bad - judges.results().begin());
  return net.output(k < judges.size() ? k : 0).name;
}

}  // namespace backspike
