#pragma once
// The target of one sample, as losses see it: a view, so that losses need not know data sets.

#include <cstddef>
#include <cstdint>
#include <span>

namespace backspike {

/// What one sample is to give; what it is used for is the objective's choice. Spans belong to the data set.
struct sample_target {
  std::int32_t label = -1;                    // of the sample; -1: it has none
  std::span<const std::int32_t> step_labels;  // [steps] -1: not counted; empty: the sample's label in every step
  std::span<const float> values;              // [steps * outputs] of a regression; spike trains: spikes of the step
  std::span<const float> weights;             // [steps] of the steps in the loss; empty: every weight is 1
  double dt = 1.0;                            // [ms] width of a step
  double weight = 1.0;                        // of the sample in the objective
  std::span<const double> class_weights{};    // [classes] by label, the objective's; empty: every weight is 1

  double class_weight(std::int32_t of) const {
    return of < 0 || class_weights.empty() ? 1.0 : class_weights[static_cast<std::size_t>(of)];
  }
};

}  // namespace backspike
