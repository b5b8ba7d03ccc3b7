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
  /// The same without dL/dparameters, which is a part of the cost.
  void backward(std::span<float> error_input);

  /// Between the two: every sample's error on the outputs is brought to a largest number of 1, and the derivatives with
  /// it, so that a loss near 0, whose error is too small for a float, still says which way is up.
  void normalise();
  /// After forward(), of a cross-entropy of one label: [samples][classes] what the first output tells.
  std::vector<double> shares();
  /// Puts the error of the cross-entropy against such shares, times `weight`, in the place of each sample's own. Its
  /// gradient is that of the divergence from them. [samples] the cross-entropies are returned.
  std::vector<double> judge_by(std::span<const double> shares, double weight);

  /// [samples] what the errors were divided by; 0: a sample without any error.
  std::span<const double> scales() const { return scales_; }

 private:
  void read(std::size_t sample, batch_view batch, bool same_reach);
  double judge_as(std::size_t sample, std::int32_t label, double weight, std::span<double> error);

  const network& net_;
  const objective_spec& objective_;
  unrolled trajectory_;
  std::vector<output_reach> reach_;  // [samples]
  reach_plan plan_;
  std::vector<double> losses_, scales_, outputs_, error_;  // [samples] twice; [rows][outputs] twice
  std::vector<std::int32_t> predicted_;
  sample_outputs<double> judges_;
  const dataset* data_ = nullptr;  // of the batch
  std::vector<std::uint32_t> picked_;
};

}  // namespace backspike
