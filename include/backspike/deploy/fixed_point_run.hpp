#pragma once
// A network in fixed point, run on this machine in whole numbers: the same operations as the exported C, and the same
// spikes. It is no simulation of a chip's timing or noise.

#include <backspike/core/arena.hpp>
#include <backspike/core/events.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/deploy/fixed_point.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// What a network is in fixed point; runs share it. Throws value_error naming what does not fit.
class fixed_point_network {
 public:
  /// The network must outlive it.
  fixed_point_network(const network& net, const arena<float>& parameters, const fixed_point_spec& spec,
                      bool graded_input);
  ~fixed_point_network();

  /// What the outputs give to some samples, [rows][outputs], the steps of one sample after another; `spikes`, unless it
  /// is null, gets the numbers of spikes of each population over all of them.
  std::vector<double> run(const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool,
                          std::vector<std::uint64_t>* spikes = nullptr) const;

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

/// How a network in fixed point does on data, by its first output.
struct fixed_point_evaluation {
  std::size_t samples = 0;
  double loss = 0.0, accuracy = 0.0;  // mean over the samples; share of samples or labelled steps, NaN in a regression
  std::vector<double> spikes;         // [populations] of a sample; those of analog cells are values that were sent
};

/// `targets` are those of the data for the first output. `progress` gets the samples done and may throw to end it.
fixed_point_evaluation evaluate_fixed_point(const network& net, const objective_spec& objective,
                                            const arena<float>& parameters, const dataset& data,
                                            const target_set& targets, const fixed_point_spec& spec, thread_pool& pool,
                                            const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace backspike
