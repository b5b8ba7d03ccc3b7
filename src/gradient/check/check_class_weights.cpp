// Checks the class weights of an objective: a loss that reads them, one weight for each class, none below 0.

#include "gradient/check/class_weights_check.hpp"

#include "core/short_number.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/check_batch.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// By name: "cross_entropy, step_cross_entropy or class_spike_count".
std::string losses_on_labels() {
  std::string names;
  for (const loss_info& info : loss_list) {
    names += info.target == target_kind::classes ? (names.empty() ? "" : ", ") + std::string(info.name) : "";
  }
  return names.replace(names.rfind(", "), 2, " or ");
}

std::string numbers(std::size_t count) { return std::to_string(count) + (count == 1 ? " number" : " numbers"); }

}  // namespace

std::optional<class_weights_problem> find_class_weights_problem(const output_objective& objective,
                                                                std::size_t classes) {
  const auto& weights = objective.class_weights.values;
  if (!objective.class_weights.given()) {
    return std::nullopt;
  }
  if (!reads_labels(objective)) {
    return class_weights_problem{objective.class_weights.balanced ? "balanced" : numbers(weights.size()),
                                 "none beside losses that read no label; or " + losses_on_labels()};
  }
  for (const double w : weights) {
    if (!(w >= 0.0) || std::isinf(w)) {
      return class_weights_problem{short_number(w), "numbers, 0 or more"};
    }
  }
  if (!weights.empty() && std::ranges::all_of(weights, [](double w) { return w == 0.0; })) {
    return class_weights_problem{"0 for every class", "at least one that is above 0"};
  }
  if (classes != 0 && !weights.empty() && weights.size() != classes) {
    return class_weights_problem{numbers(weights.size()), numbers(classes) + ", one for each class"};
  }
  return std::nullopt;
}

void check_class_weights(const char* operation, const output_objective& objective, std::size_t classes) {
  if (const auto problem = find_class_weights_problem(objective, classes)) {
    throw value_error(operation, "class_weights", problem->value, problem->accepted);
  }
  if (objective.class_weights.balanced) {
    throw value_error(operation, "class_weights", "balanced",
                      "numbers, one for each class: here is no training set that they could be counted in");
  }
}

}  // namespace backspike
