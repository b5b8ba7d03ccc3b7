// Counts the classes of a training set where an experiment asks for balanced weights, and says which ones are missing.

#include <backspike/experiment/class_weights.hpp>

#include <backspike/data/class_weights.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <string>

namespace backspike {
namespace {

bool counts_steps(const objective_spec& objective, const dataset& data) {
  return info_of(objective.loss).labels_of_steps && !data.step_labels.empty();
}

}  // namespace

experiment settle_class_weights(experiment e, const dataset& training) {
  if (e.objective.class_weights.balanced && reads_labels(e.objective)) {
    e.objective.class_weights = {false, balanced_class_weights(training, counts_steps(e.objective, training))};
  }
  check_class_weights("objective", e.objective, training.outputs());
  return e;
}

std::vector<health_warning> warn_of_absent_classes(const objective_spec& settled, const dataset& training) {
  const auto& weights = settled.class_weights.values;
  if (weights.empty()) {
    return {};
  }
  const auto counts = count_classes(training, counts_steps(settled, training));
  std::vector<std::string> absent;
  for (std::size_t c = 0; c < std::min(weights.size(), counts.size()); ++c) {
    if (weights[c] == 0.0 && counts[c] == 0) {
      absent.push_back(training.class_names[c]);
    }
  }
  if (absent.empty()) {
    return {};
  }
  const std::string subject = (absent.size() == 1 ? "class " : "classes ") + listed_classes(absent);
  return {{1, "absent_classes", subject,
           subject +
               ": no training sample or labelled step, so that the weight is 0 and nothing is learned; add some, or "
               "leave the class out"}};
}

}  // namespace backspike
