#pragma once
// Learning on a stream: one step of input and target at a time, by e-prop, with no end and no memory of the past but
// the traces. Nothing is allocated after construction; work and memory of a step do not depend on how many came before.
// Connections with delays hold the currents of the spikes in flight; delays are not learned here, weights are.

#include <backspike/core/arena.hpp>
#include <backspike/core/events.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

/// value -= rate * gradient, and nothing else.
inline optimiser_spec plain_sgd(double learning_rate) {
  optimiser_spec spec;
  spec.kind = optimiser_kind::sgd;
  spec.learning_rate = learning_rate;
  spec.momentum = 0.0;
  return spec;
}

/// What becomes of a number in a stream that is no reading (core/reading.hpp). refuse: value_error, and the learner is
/// as before the call. skip: that channel gives nothing in this step, its neurons decay as without input; a target with
/// such a number is no target; and each number is counted.
enum class bad_reading { refuse, skip };

struct online_options {
  bool learns = true;  // false: infer() only, for any network and objective, without the memory of traces
  eprop_options rule;
  /// As for batches, but that a stream has no end: no schedule and no warm-up. Momentum, Adam's moments, weight decay,
  /// clipping, groups and transforms do what they do in `optimiser`. Clipping needs the whole gradient before anything
  /// moves, and so its memory and one more pass over it.
  optimiser_spec optimiser = plain_sgd(1e-3);
  std::uint64_t update_every = 1;  // [steps]; 0: at the end of a trial only
  bad_reading not_finite = bad_reading::refuse;
};

/// What one step is to give: a class, or a value for every output, or nothing.
struct online_target {
  std::int32_t label = -1;        // step_cross_entropy; -1: this step has no target
  std::span<const float> values;  // [units of the output] of a regression; empty: this step has no target
};

/// The loss is that of a step, not a mean over steps: a learning rate means the same however long a stream is.
class online_learner {
 public:
  /// Copies `initial`; the network must outlive the learner. Throws value_error: a parameter out of its range; and,
  /// where it learns, a loss that knows no error before the end (cross_entropy), a learning rate that is not positive,
  /// a schedule, what check_eprop refuses.
  online_learner(const network& net, const objective_spec& objective, const arena<float>& initial,
                 const online_options& options = {});
  ~online_learner();

  /// Runs one step, learns from it, and updates the parameters if it is time. Returns the readout before the update,
  /// [outputs], the same memory in every call. Without a target the traces go on and nothing but rates and spikes has a
  /// price. Throws value_error (a channel or a label that does not exist, a number that is no reading; not `learns`),
  /// shape_error; after them it is as before the call. Throws numeric_error, which takes absurd weights or learning
  /// rates: for a neuron's state or a loss that is not finite, parameters are as before and reset_state() starts the
  /// neurons and traces anew; for a parameter that an update made infinite or NaN, only restore() helps.
  std::span<const float> step(const event_row& input, const online_target& target);
  std::span<const float> step(std::span<const float> input, const online_target& target);  // [inputs]
  /// Of a network of several outputs: a target for each; their losses add up.
  std::span<const float> step_outputs(const event_row& input, std::span<const online_target> targets);
  std::span<const float> step_outputs(std::span<const float> input, std::span<const online_target> targets);

  /// Runs one step only. The traces stand still: before learning again call reset_state(), or step() without a target.
  std::span<const float> infer(const event_row& input);
  std::span<const float> infer(std::span<const float> input);

  /// Applies what has been gathered since the last update, then reset_state().
  void end_trial();
  /// Neurons at rest, traces empty. What was learned, and the running mean rates, stay.
  void reset_state();

  const arena<float>& parameters() const;
  double loss() const;            // of the last step that had a target, of all outputs that had one
  std::uint64_t steps() const;    // learned from, over all trials
  std::uint64_t updates() const;  // of the parameters
  std::uint64_t skipped() const;  // numbers that were no readings, since construction; no part of save()

  /// The whole state by name: a learner of the same network, objective and options that restores it goes on with the
  /// same bits. restore() throws value_error or shape_error, naming the tensor, and then changes nothing.
  std::vector<named_tensor> save() const;
  void restore(std::span<const named_tensor> saved);

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace backspike
