#pragma once

namespace backspike {

enum class loss_kind { cross_entropy };

/// How the readout's trace over time becomes one value per class. `count` sums spikes (or the trace) over time.
enum class readout_kind { max, mean, last, count };

struct objective_spec {
  loss_kind loss = loss_kind::cross_entropy;
  readout_kind readout = readout_kind::max;
  double logit_scale = 1.0;      // the reduced readout is multiplied by this before the softmax
  double label_smoothing = 0.0;  // in [0, 1)
  double rate_penalty = 0.0;     // added to a sample's loss for every spike of a hidden layer
  bool operator==(const objective_spec&) const = default;
};

}  // namespace backspike
