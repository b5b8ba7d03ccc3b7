#include <backspike/gradient/check_batch.hpp>

#include <backspike/core/error.hpp>

#include <string>

namespace backspike {
namespace {

void check_label(const char* operation, const std::string& what, std::int32_t label, std::size_t outputs) {
  if (label < 0 || static_cast<std::size_t>(label) >= outputs) {
    throw value_error(operation, what, std::to_string(label), "0 to " + std::to_string(outputs) + " exclusive");
  }
}

void check_labels(const char* operation, const dataset& data, std::uint32_t sample, std::size_t outputs) {
  if (data.labels.empty()) {
    throw value_error(operation, "labels of the data set", "none", "a label for every sample");
  }
  check_label(operation, "label of sample " + std::to_string(sample), data.labels.at(sample), outputs);
}

void check_step_labels(const char* operation, const dataset& data, std::uint32_t sample, std::size_t outputs) {
  for (const std::int32_t label : data.target(sample).step_labels) {
    if (label != -1) {
      check_label(operation, "step label of sample " + std::to_string(sample), label, outputs);
    }
  }
}

void check_values(const char* operation, const dataset& data, std::size_t outputs) {
  if (data.step_targets.empty()) {
    throw value_error(operation, "step_targets of the data set", "none", "a target value for every step and output");
  }
  if (data.target_width != outputs) {
    throw shape_error(operation, "step_targets", "[" + std::to_string(data.target_width) + " values a step]",
                      "[" + std::to_string(outputs) + " outputs]");
  }
}

}  // namespace

void check_batch(const char* operation, const network& net, const objective_spec& objective, batch_view batch) {
  const dataset& data = *batch.data;
  if (data.channels != net.spec().inputs) {
    throw shape_error(operation, "batch", "[" + std::to_string(data.channels) + " channels]",
                      "[" + std::to_string(net.spec().inputs) + " channels]");
  }
  if (batch.samples.empty()) {
    throw value_error(operation, "batch", "0 samples", "at least one sample");
  }
  for (const std::uint32_t s : batch.samples) {
    if (is_regression(objective.loss)) {
      check_values(operation, data, net.outputs());
    } else if (objective.loss == loss_kind::step_cross_entropy && !data.step_labels.empty()) {
      check_step_labels(operation, data, s, net.outputs());
    } else {
      check_labels(operation, data, s, net.outputs());
    }
  }
}

}  // namespace backspike
