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
    throw value_error(operation, "step_targets of the data set", "none",
                      "a target value for every step and output; of spike trains, the spikes of the step");
  }
  if (data.target_width != outputs) {
    throw shape_error(operation, "step_targets", "[" + std::to_string(data.target_width) + " values a step]",
                      "[" + std::to_string(outputs) + " outputs]");
  }
}

/// Soft alignment and jitter compare with target spikes: without one they have nothing to say.
void check_spike_trains(const char* operation, const dataset& data, std::uint32_t sample, loss_kind loss) {
  const sample_target target = data.target(sample);
  double spikes = 0.0;
  for (std::size_t i = 0; i < target.values.size(); ++i) {
    if (target.values[i] < 0.0f) {
      throw value_error(operation, "target spikes of sample " + std::to_string(sample),
                        std::to_string(target.values[i]) + " in step " + std::to_string(i / data.target_width),
                        "0 or more spikes in every step");
    }
    const std::size_t step = i / data.target_width;
    spikes += static_cast<double>(target.values[i]) *
              (target.weights.empty() ? 1.0 : static_cast<double>(target.weights[step]));
  }
  if (spikes == 0.0 && !target.values.empty() && (loss == loss_kind::soft_alignment || loss == loss_kind::jitter)) {
    throw value_error(operation, "target spikes of sample " + std::to_string(sample), "none that counts",
                      "at least one; van_rossum or spike_count teach silence");
  }
}

void check_targets(const char* operation, const dataset& data, std::uint32_t sample, std::size_t outputs,
                   loss_kind loss) {
  if (takes_values(loss)) {
    check_values(operation, data, outputs);
    if (takes_spike_trains(loss)) {
      check_spike_trains(operation, data, sample, loss);
    }
  } else if (loss == loss_kind::step_cross_entropy && !data.step_labels.empty()) {
    check_step_labels(operation, data, sample, outputs);
  } else {
    check_labels(operation, data, sample, outputs);
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
  check_objective(operation, objective);
  for (const std::uint32_t s : batch.samples) {
    check_targets(operation, data, s, net.outputs(), objective.loss);
    for (const loss_spec& term : objective.terms) {
      check_targets(operation, data, s, net.outputs(), term.loss);
    }
  }
}

}  // namespace backspike
