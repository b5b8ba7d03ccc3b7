#pragma once

#include <backspike/objective/activity_spec.hpp>

namespace backspike {

/// cross_entropy       one label a sample, on the readout reduced over time
/// step_cross_entropy  a label for every step (of the data's steps, or the sample's label in each of them)
/// mean_squared, mean_absolute, huber
///                     a target value for every step and output
enum class loss_kind { cross_entropy, step_cross_entropy, mean_squared, mean_absolute, huber };

/// How the readout's trace over time becomes one value per class. `count` sums spikes (or the trace) over time.
enum class readout_kind { max, mean, last, count };

struct objective_spec {
  loss_kind loss = loss_kind::cross_entropy;
  readout_kind readout = readout_kind::max;
  double logit_scale = 1.0;      // the reduced readout is multiplied by this before the softmax
  double label_smoothing = 0.0;  // in [0, 1)
  double rate_penalty = 0.0;     // added to a sample's loss for every spike of a hidden layer
  double huber_delta = 1.0;      // huber: distance to the target from which on the loss grows linearly
  /// A budget of the additions that spikes cause.
  synaptic_operations_spec synaptic_operations{};
  bool operator==(const objective_spec&) const = default;
};

/// True if every step has an error of its own, known when the step is over: what online learning needs.
constexpr bool is_stepwise(loss_kind loss) { return loss != loss_kind::cross_entropy; }

/// True if the loss compares with values of every step: a regression.
constexpr bool is_regression(loss_kind loss) { return loss >= loss_kind::mean_squared; }

/// True if the loss tells classes apart, so that there is an accuracy.
constexpr bool is_classification(loss_kind loss) { return !is_regression(loss); }

}  // namespace backspike
