// Counts the samples, or the labelled steps, of each class.

#include <backspike/data/class_weights.hpp>

#include <backspike/core/error.hpp>

#include <numeric>
#include <string>

namespace backspike {

std::vector<std::size_t> count_classes(const dataset& data, const target_set& of, bool of_steps) {
  const auto& labels = of_steps ? of.step_labels : of.labels;
  const bool all_count = !of_steps || data.step_weights.empty();
  std::vector<std::size_t> counts(of.classes(), 0);
  for (std::size_t k = 0; k < labels.size(); ++k) {
    if (labels[k] >= static_cast<std::int64_t>(counts.size())) {
      throw value_error("count_classes", "label in data set " + data.name, std::to_string(labels[k]),
                        "below " + std::to_string(counts.size()) + ", the number of classes");
    }
    if (labels[k] >= 0 && (all_count || data.step_weights[k] != 0.0f)) {
      ++counts[static_cast<std::size_t>(labels[k])];
    }
  }
  return counts;
}

std::vector<double> balanced_class_weights(const dataset& training, const target_set& of, bool of_steps) {
  const auto counts = count_classes(training, of, of_steps);
  const auto all = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
  if (all == 0) {
    throw value_error("balanced class weights", "labels of data set " + training.name, "none",
                      "a label for every sample, or for some steps");
  }
  std::vector<double> weights;
  weights.reserve(counts.size());
  for (const std::size_t count : counts) {
    weights.push_back(count == 0 ? 0.0 : static_cast<double>(all) / static_cast<double>(counts.size() * count));
  }
  return weights;
}

}  // namespace backspike
