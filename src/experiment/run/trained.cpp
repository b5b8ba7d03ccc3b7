// Loads a trained network from a checkpoint or a run's directory, checks that data fit it, and evaluates it.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/classes.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/check_batch.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

void append(output_predictions& all, const output_predictions& part) {
  all.labels.insert(all.labels.end(), part.labels.begin(), part.labels.end());
  all.scores.insert(all.scores.end(), part.scores.begin(), part.scores.end());
  all.confusion.resize(part.confusion.size());
  std::transform(part.confusion.begin(), part.confusion.end(), all.confusion.begin(), all.confusion.begin(),
                 std::plus<>());
}

void append(predictions& all, const predictions& part) {
  append(static_cast<output_predictions&>(all), part);
  all.others.resize(part.others.size());
  for (std::size_t k = 0; k < part.others.size(); ++k) {
    append(all.others[k], part.others[k]);
  }
  all.spikes.resize(part.spikes.size());
  for (std::size_t p = 0; p < part.spikes.size(); ++p) {
    all.spikes[p].resize(part.spikes[p].size());
    std::transform(part.spikes[p].begin(), part.spikes[p].end(), all.spikes[p].begin(), all.spikes[p].begin(),
                   std::plus<>());
  }
}

std::string checkpoint_path(const std::string& path) {
  return is_folder(path) ? path + "/" + best_checkpoint_file : path;
}

/// Those that the data's own labels have, from which the first output may make others.
std::size_t classes_of_data(const trained_network& trained) {
  const auto& outputs = trained.settings.network.outputs;
  return outputs.empty() || outputs.front().classes_from.empty() ? trained.classes
                                                                 : outputs.front().classes_from.size();
}

}  // namespace

std::vector<output_measure> measures_of(const network& net, const batch_result& sums, std::size_t samples) {
  std::vector<output_measure> measures;
  for (std::size_t k = 0; k < net.output_list().size() && !sums.others.empty(); ++k) {
    const output_result& of = sums.of(k);
    measures.push_back({net.output(k).name, of.part / static_cast<double>(samples), share_of(of.correct, of.counted)});
  }
  return measures;
}

trained_network load_trained(const std::string& path) {
  const auto file = checkpoint_path(path);
  const auto c = read_checkpoint(file);
  trained_network trained;
  trained.settings = parse_experiment(c.experiment, file);
  trained.version = c.version;
  trained.epoch = c.epoch;
  trained.step = c.step;
  constexpr std::uint64_t most_units = std::numeric_limits<std::uint32_t>::max();
  trained.classes = count_in_state(file, c, "classes", 1, most_units);
  trained.class_names = c.class_names;
  if (!c.class_names.empty() && c.class_names.size() != classes_of_data(trained)) {
    throw checkpoint_error(file, "names " + std::to_string(c.class_names.size()) + " classes for " +
                                     std::to_string(trained.classes) + " outputs");
  }
  const auto inputs = static_cast<std::uint32_t>(count_in_state(file, c, "inputs", 1, most_units));
  std::vector<std::size_t> outputs{trained.classes};
  const auto& named = trained.settings.network.outputs;
  for (std::size_t k = 1; k < named.size(); ++k) {
    outputs.push_back(count_in_state(file, c, "classes." + named[k].name, 1, most_units));
  }
  trained.net = std::make_unique<network>(
      network_for(trained.settings, inputs, positive_in_state(file, c, "dt"), outputs, input_shape_in_state(file, c)));
  require_tensors(file, c.parameters, trained.net->parameters());
  trained.parameters = std::make_unique<arena<float>>(trained.net->parameters());
  restore_parameters(file, c, *trained.parameters);
  return trained;
}

expected_data expected_by(const trained_network& trained) {
  const auto& spec = trained.net->spec();
  expected_data expected{spec.inputs, spec.dt, trained.class_names};
  if (expected.class_names.empty() && is_classification(trained.settings.objective.loss)) {
    expected.class_names = numbered_classes(classes_of_data(trained));
  }
  return expected;
}

void make_compatible(const std::string& path, const trained_network& trained, dataset& data) {
  const bool unnamed = trained.class_names.empty() && data.classes() == classes_of_data(trained);  // the data's will do
  if (const auto names = expected_by(trained).class_names; !names.empty() && !unnamed) {
    adopt_classes(data, names, "data set " + data.name);
  }
  const auto& spec = trained.net->spec();
  if (data.channels != spec.inputs) {
    throw checkpoint_error(path, "its network takes " + std::to_string(spec.inputs) + " input channels, the data has " +
                                     std::to_string(data.channels));
  }
  if (!data.shape.empty() && !spec.input_shape.empty() && data.shape != spec.input_shape) {
    throw checkpoint_error(path, "its network takes inputs of shape " + text_of(spec.input_shape) + ", the data have " +
                                     text_of(data.shape));
  }
  add_targets(trained.settings.network, data);
  if (const auto values = values_of_outputs(trained.settings.network, data); values.front() != trained.classes) {
    throw checkpoint_error(path, "its network has " + std::to_string(trained.classes) + " outputs, the data has " +
                                     (data.classes() > 0 ? std::to_string(data.classes()) + " classes"
                                                         : std::to_string(data.target_width) + " target values"));
  }
  if (!is_same_step(data.dt, spec.dt)) {
    throw checkpoint_error(path, "its network was trained with steps of " + std::to_string(spec.dt) +
                                     " ms, the data has steps of " + std::to_string(data.dt) + " ms");
  }
}

evaluation evaluate_all(engine& e, const arena<float>& parameters, const dataset& data, std::size_t batch,
                        const std::function<void(std::size_t, std::size_t)>& progress) {
  require_in_range(parameters);
  const auto order = every_sample(data);
  evaluation total;
  batch_result sums;
  for (std::size_t begin = 0; begin < order.size(); begin += batch) {
    const auto count = std::min(batch, order.size() - begin);
    predictions part;
    const auto result = e.evaluate(parameters, {&data, std::span(order).subspan(begin, count)}, &part);
    append(total.kept, part);
    sums.add(result);
    if (progress) {
      progress(begin + count, order.size());
    }
  }
  total.samples = order.size();
  total.steps = sums.steps;
  if (total.samples > 0) {
    const auto n = static_cast<double>(total.samples);
    total.loss = sums.loss / n;
    total.accuracy = share_of(sums.correct, sums.counted);
    total.outputs = measures_of(e.simulated(), sums, total.samples);
    total.spikes_per_sample = static_cast<double>(sums.hidden_spikes) / n;
  }
  return total;
}

}  // namespace backspike
