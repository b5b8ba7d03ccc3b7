// Counts the classes of a training set where an experiment asks for balanced weights, and says which ones are missing.

#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/output_targets.hpp>

#include <backspike/data/class_weights.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <string>

namespace backspike {
namespace {

bool counts_steps(const output_objective& objective, const target_set& of) {
  return info_of(objective.loss).labels_of_steps && !of.step_labels.empty();
}

std::vector<std::string> absent_classes(const output_objective& settled, const dataset& training,
                                        const target_set& of) {
  const auto& weights = settled.class_weights.values;
  if (weights.empty()) {
    return {};
  }
  const auto counts = count_classes(training, of, counts_steps(settled, of));
  std::vector<std::string> absent;
  for (std::size_t c = 0; c < std::min(weights.size(), counts.size()); ++c) {
    if (weights[c] == 0.0 && counts[c] == 0) {
      absent.push_back(of.class_names[c]);
    }
  }
  return absent;
}

}  // namespace

experiment settle_class_weights(experiment e, const dataset& training) {
  for (std::size_t k = 0; k < e.objective.outputs(); ++k) {
    const target_set& of = targets_of_output(e.network, k, training);
    output_objective& objective = e.objective.of(k);
    if (objective.class_weights.balanced && reads_labels(objective)) {
      objective.class_weights = {false, balanced_class_weights(training, of, counts_steps(objective, of))};
    }
    check_class_weights("objective", objective, of.outputs());
  }
  return e;
}

std::vector<health_warning> warn_of_absent_classes(const objective_spec& settled, const network& net,
                                                   const dataset& training) {
  std::vector<std::string> absent;
  for (std::size_t k = 0; k < settled.outputs(); ++k) {
    const auto more = absent_classes(settled.of(k), training, training.targets(net.output(k).target));
    absent.insert(absent.end(), more.begin(), more.end());
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
