#pragma once
// From `objective.class_weights = "balanced"` to a weight for each class of a training set.

#include <backspike/data/dataset.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/report/report.hpp>

#include <vector>

namespace backspike {

/// The experiment with numbers in the place of "balanced", counted in these data (data/class_weights.hpp): in labels of
/// steps, if the main loss reads those and the data have them. One that gives numbers, or nothing, stays as it is.
/// Throws value_error unless there is a weight for each class, and a loss that reads them.
/// Data that have the targets of every output (experiment/output_targets.hpp).
experiment settle_class_weights(experiment e, const dataset& training);

/// What to say of classes of weight 0 that have no training sample: one warning, or none.
std::vector<health_warning> warn_of_absent_classes(const objective_spec& settled, const network& net,
                                                   const dataset& training);

}  // namespace backspike
