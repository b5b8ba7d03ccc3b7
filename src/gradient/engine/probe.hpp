#pragma once
// Looks at every window between its forward and its backward pass, and after it; sums up to layer_health.

#include "gradient/engine/pass.hpp"

#include <backspike/gradient/health.hpp>

#include <vector>

namespace backspike {

class health_probe {
 public:
  health_probe(const network& net, std::size_t samples, std::size_t longest);

  /// Spikes, and how many membranes are near the threshold: currents and trajectories are still there.
  void after_forward(const pass& p, const in_flight_batch& c, std::size_t i, std::size_t loss_begin,
                     const worker_scratch& w);
  /// What the objective asks of the outputs in the window.
  void after_objective(const pass& p, const in_flight_batch& c, std::size_t i, const worker_scratch& w);
  /// The errors have taken the place of the currents.
  void after_backward(const pass& p, const in_flight_batch& c, std::size_t i);

  std::vector<layer_health> result(const pass& p, const in_flight_batch& c, const arena<float>& gradient) const;

 private:
  struct of_sample {
    std::vector<std::vector<std::uint32_t>> counts;  // [populations][units] spikes
    std::vector<std::uint64_t> in_support;           // [populations] neuron-steps
    std::vector<std::vector<double>> squares;        // [populations][error bins] of dL/dI, summed over neurons
    std::vector<bool> asked;                         // [outputs] the objective has an error on the output
  };
  std::vector<std::uint32_t> stuck(const network& net, const network_output& o, const arena<float>& gradient) const;
  std::size_t bin(std::size_t distance) const { return distance * bins_ / longest_; }

  std::size_t longest_, bins_;
  std::vector<of_sample> samples_;
};

}  // namespace backspike
