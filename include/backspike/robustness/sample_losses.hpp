#pragma once
// The loss of every sample of a batch on its own, and its derivative by what the sample is made of: what a perturbation
// of one sample is predicted to do, and what it does.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/gradient/unrolled.hpp>
#include <backspike/network/network.hpp>
#include <backspike/network/sample_outputs.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

class sample_losses {
 public:
  /// Network, objective and pool must outlive it. Penalties on activity are no part of these losses.
  sample_losses(const network& net, const objective_spec& objective, thread_pool& pool);

  /// Runs the batch through the hard network. Where a loss takes a maximum over the steps that the input has reached
  /// (gradient/reach.hpp): those of this input, or, `same_reach`, those of the batch before, so that a perturbation
  /// that makes every channel a little active does not change what is read. Throws as unrolled::forward.
  void forward(const arena<float>& parameters, batch_view batch, bool same_reach = false);

  /// [samples] after forward(): the loss, and the class that the first output tells; -1 where it knows none.
  std::span<const double> losses() const { return losses_; }
  std::span<const std::int32_t> predicted() const { return predicted_; }
  /// Spikes and states of the batch.
  const unrolled& trajectory() const { return trajectory_; }

  /// Once after forward(): writes dL/dinput of every sample's own loss, [rows][inputs], and adds dL/dparameters of
  /// their sum to `gradient`. Either may be what nobody asks for: no input by an empty span.
  void backward(arena<float>& gradient, std::span<float> error_input);

 private:
  void read(std::size_t sample, batch_view batch, bool same_reach);

  const network& net_;
  const objective_spec& objective_;
  unrolled trajectory_;
  std::vector<output_reach> reach_;  // [samples]
  reach_plan plan_;
  std::vector<double> losses_, outputs_, error_;  // [samples]; [rows][outputs] twice
  std::vector<std::int32_t> predicted_;
  sample_outputs<double> judges_;
};

}  // namespace backspike
