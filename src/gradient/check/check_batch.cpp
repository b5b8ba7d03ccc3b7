// Checks that data fit a network and its losses before anything is computed: channels, step, labels, targets, readings.

#include <backspike/gradient/check_batch.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>

#include "core/short_number.hpp"
#include "gradient/check/read_check.hpp"

#include <cmath>
#include <string>

namespace backspike {
namespace {

std::string place_of(std::uint32_t sample, std::size_t step) {
  return "step " + std::to_string(step) + " of sample " + std::to_string(sample);
}

void check_label(const char* operation, const std::string& what, std::int32_t label, std::size_t outputs) {
  if (label < 0 || static_cast<std::size_t>(label) >= outputs) {
    throw value_error(operation, what, std::to_string(label), "0 to " + std::to_string(outputs) + " exclusive");
  }
}

/// The targets of one output, and what they are to fit.
struct asked_of_output {
  const dataset& data;
  const network_output& output;
  const target_set& targets;

  asked_of_output(const dataset& d, const network_output& o) : data(d), output(o), targets(d.targets(o.target)) {}
  sample_target of(std::uint32_t sample) const { return data.target(sample, targets); }
  /// " (target NAME)" of targets that are not the data's own.
  std::string which() const { return output.target.empty() ? "" : " (target " + output.target + ")"; }
};

void check_labels(const char* operation, const asked_of_output& asked, std::uint32_t sample) {
  if (asked.targets.labels.empty()) {
    throw value_error(operation, "labels of the data set" + asked.which(), "none", "a label for every sample");
  }
  check_label(operation, "label of sample " + std::to_string(sample) + asked.which(), asked.targets.labels.at(sample),
              asked.output.units);
}

void check_step_labels(const char* operation, const asked_of_output& asked, std::uint32_t sample) {
  for (const std::int32_t label : asked.of(sample).step_labels) {
    if (label != -1) {
      check_label(operation, "step label of sample " + std::to_string(sample) + asked.which(), label,
                  asked.output.units);
    }
  }
}

void check_values(const char* operation, const asked_of_output& asked, std::uint32_t sample) {
  const std::size_t outputs = asked.output.units;
  if (asked.targets.step_targets.empty()) {
    throw value_error(operation, "step_targets of the data set" + asked.which(), "none",
                      "a target value for every step and output; of spike trains, the spikes of the step");
  }
  if (asked.targets.target_width != outputs) {
    throw shape_error(operation, "step_targets" + asked.which(),
                      "[" + std::to_string(asked.targets.target_width) + " values a step]",
                      "[" + std::to_string(outputs) + " outputs]");
  }
  const auto values = asked.of(sample).values;
  if (const std::size_t k = first_no_reading(values); k < values.size()) {
    throw value_error(operation, "target of " + place_of(sample, k / outputs) + asked.which(),
                      std::to_string(values[k]),
                      reading_text() + "; where a step has no target, any such number and a weight of 0");
  }
}

void check_step_weights(const char* operation, const dataset& data, std::uint32_t sample) {
  const auto weights = data.target(sample).weights;
  for (std::size_t step = 0; step < weights.size(); ++step) {
    if (!is_reading(weights[step]) || weights[step] < 0.0f) {
      throw value_error(operation, "weight of " + place_of(sample, step), std::to_string(weights[step]),
                        "0 or more; " + reading_text());
    }
  }
}

void check_sample_weights(const char* operation, batch_view batch) {
  const dataset& data = *batch.data;
  if (data.sample_weights.empty()) {
    return;
  }
  if (data.sample_weights.size() != data.size()) {
    throw shape_error(operation, "sample_weights", "[" + std::to_string(data.sample_weights.size()) + "]",
                      "[" + std::to_string(data.size()) + " samples]");
  }
  for (const std::uint32_t s : batch.samples) {
    if (!is_reading(data.sample_weights[s]) || data.sample_weights[s] < 0.0f) {
      throw value_error(operation, "weight of sample " + std::to_string(s), std::to_string(data.sample_weights[s]),
                        "0 or more; " + reading_text());
    }
  }
}

/// Soft alignment and jitter compare with target spikes: without one they have nothing to say.
void check_spike_trains(const char* operation, const asked_of_output& asked, std::uint32_t sample, loss_kind loss) {
  const sample_target target = asked.of(sample);
  double spikes = 0.0;
  for (std::size_t i = 0; i < target.values.size(); ++i) {
    const std::size_t step = i / asked.targets.target_width;
    if (target.values[i] < 0.0f) {
      throw value_error(operation, "target spikes of sample " + std::to_string(sample) + asked.which(),
                        std::to_string(target.values[i]) + " in step " + std::to_string(step),
                        "0 or more spikes in every step");
    }
    spikes += static_cast<double>(target.values[i]) *
              (target.weights.empty() ? 1.0 : static_cast<double>(target.weights[step]));
  }
  if (spikes == 0.0 && !target.values.empty() && info_of(loss).needs_a_spike) {
    throw value_error(operation, "target spikes of sample " + std::to_string(sample) + asked.which(),
                      "none that counts", "at least one; van_rossum or spike_count teach silence");
  }
}

void check_targets(const char* operation, const asked_of_output& asked, std::uint32_t sample, loss_kind loss) {
  check_step_weights(operation, asked.data, sample);
  if (takes_values(loss)) {
    check_values(operation, asked, sample);
    if (takes_spike_trains(loss)) {
      check_spike_trains(operation, asked, sample, loss);
    }
  } else if (info_of(loss).labels_of_steps && !asked.targets.step_labels.empty()) {
    check_step_labels(operation, asked, sample);
  } else {
    check_labels(operation, asked, sample);
  }
}

void check_output(const char* operation, const asked_of_output& asked, const output_objective& objective,
                  std::span<const std::uint32_t> samples) {
  for (const std::uint32_t s : samples) {
    check_targets(operation, asked, s, objective.loss);
    for (const loss_spec& term : objective.terms) {
      check_targets(operation, asked, s, term.loss);
    }
  }
}

/// Where axes were taken for each other, the numbers often tell.
void check_channels(const char* operation, const network& net, const dataset& data) {
  const std::size_t inputs = net.spec().inputs;
  if (data.channels != inputs) {
    const bool swapped = data.size() > 0 && data.inputs.length(0) == inputs;
    throw shape_error(operation, "batch", "[" + std::to_string(data.channels) + " channels]",
                      "[" + std::to_string(inputs) + " channels]" +
                          (swapped ? "; it has " + std::to_string(inputs) + " steps: steps come before channels" : ""));
  }
  const grid_shape& wanted = net.spec().input_shape;
  if (!data.shape.empty() && !wanted.empty() && data.shape != wanted) {
    throw shape_error(operation, "shape of the batch", text_of(data.shape), text_of(wanted));
  }
}

void check_step(const char* operation, const network& net, const dataset& data) {
  const double dt = net.spec().dt;
  if (!is_same_step(data.dt, dt)) {
    const std::string wanted = short_number(dt);
    throw value_error(operation, "dt of the data", short_number(data.dt) + " ms",
                      wanted + " ms, the network's: bin the events anew with steps of " + wanted +
                          " ms (dt = " + wanted +
                          " where the data are made; data.bin_ms, data.encoder.dt or data.audio.step_ms in an "
                          "experiment), or make the network with dt = " +
                          short_number(data.dt));
  }
}

/// Of the values of a sample's events, the first that is no reading.
void check_readings(const char* operation, const dataset& data, std::uint32_t sample) {
  const events& e = data.inputs.spikes;
  const std::uint64_t row = data.inputs.sample_rows[sample], first = e.row_offsets[row];
  const auto values = std::span(e.values).subspan(first, data.inputs.event_count(sample));
  const std::size_t bad = first_no_reading(values);
  if (bad < values.size()) {
    std::uint64_t at = row;
    while (e.row_offsets[at + 1] <= first + bad) {
      ++at;
    }
    throw value_error(
        operation, "input of channel " + std::to_string(e.channels[first + bad]) + " in " + place_of(sample, at - row),
        std::to_string(values[bad]), reading_text());
  }
}

}  // namespace

bool is_same_step(double a, double b) { return std::fabs(a - b) <= 1e-6 * std::fabs(b); }

void check_input(const char* operation, const network& net, const dataset& data,
                 std::span<const std::uint32_t> samples) {
  check_channels(operation, net, data);
  check_step(operation, net, data);
  for (const std::uint32_t s : samples) {
    if (s >= data.size()) {
      throw value_error(operation, "sample", std::to_string(s), "below " + std::to_string(data.size()));
    }
    if (data.inputs.spikes.graded()) {
      check_readings(operation, data, s);
    }
  }
}

void check_target_values(const char* operation, const network_output& output, const dataset& data,
                         std::span<const std::uint32_t> samples) {
  const asked_of_output asked(data, output);
  for (const std::uint32_t s : samples) {
    check_values(operation, asked, s);
    check_step_weights(operation, data, s);
  }
}

void check_outputs(const char* operation, const network& net, const objective_spec& objective) {
  if (objective.outputs() != net.output_list().size()) {
    std::string names;
    for (const network_output& o : net.output_list()) {
      names += (names.empty() ? "" : ", ") + o.name;
    }
    throw value_error(operation, "objective", "for " + std::to_string(objective.outputs()) + " outputs",
                      "one for each of " + std::to_string(net.output_list().size()) + ": " + names);
  }
  for (std::size_t k = 0; k < objective.outputs(); ++k) {
    const loss_spec* of_spikes = net.output(k).membrane ? first_loss_of_spikes(objective.of(k)) : nullptr;
    if (of_spikes != nullptr) {
      throw value_error(operation, "output." + net.output(k).name + ".read", "membrane", reads_for(*of_spikes));
    }
  }
}

void check_batch(const char* operation, const network& net, const objective_spec& objective, batch_view batch) {
  const dataset& data = *batch.data;
  check_input(operation, net, data, batch.samples);
  if (batch.samples.empty()) {
    throw value_error(operation, "batch", "0 samples", "at least one sample");
  }
  check_outputs(operation, net, objective);
  check_objective(operation, objective);
  check_sample_weights(operation, batch);
  for (std::size_t k = 0; k < objective.outputs(); ++k) {
    check_class_weights(operation, objective.of(k), net.output(k).units);
    check_output(operation, {data, net.output(k)}, objective.of(k), batch.samples);
  }
}

}  // namespace backspike
