// Checks what several keys say together, when the file and all overrides have been read. A message names the line of
// the key to blame.

#include "experiment/config/finish.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/core/text.hpp>
#include <backspike/network/network.hpp>

#include "experiment/agent/agent_check.hpp"
#include "experiment/config/checker.hpp"
#include "experiment/config/graph_check.hpp"
#include "experiment/config/reader.hpp"
#include "experiment/config/spelling.hpp"
#include "gradient/check/class_weights_check.hpp"
#include "gradient/check/read_check.hpp"
#include "network/activity_check.hpp"
#include "network/delay_check.hpp"
#include "network/parameter_check.hpp"
#include "network/pools/max_pool.hpp"
#include "optimise/groups.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

namespace backspike::config {
namespace {

/// A connection leads to it that knows what it leads to.
bool finds_size(const network_spec& spec, const layer_spec& layer) {
  return find_connection(layer.kind).finds_targets || std::ranges::any_of(spec.connections, [&](const auto& c) {
           return c.to == layer.name && find_connection(c.kind).finds_targets;
         });
}

/// Before sizes are asked for: a layer that is meant to be an output may have none.
void check_output_layers(const network_spec& network, const checker& check) {
  std::vector<std::string> known;
  for (const layer_spec& layer : network.layers) {
    known.push_back(layer.name);
  }
  for (std::size_t k = 0; k < network.outputs.size(); ++k) {
    const std::string& from = network.outputs[k].from;
    if (std::ranges::find(known, from) == known.end()) {
      const auto hint = suggestion(from, known);
      check.refuse("objective.output." + std::to_string(k), "from",
                   "is " + toml_text(from) + hint + (hint.empty() ? "; accepted: " : " Accepted: ") +
                       "the name of a layer: " + joined(known));
    }
  }
}

/// Whose size may be left to the data.
bool is_output(const network_spec& network, std::size_t layer) {
  return network.outputs.empty() ? layer + 1 == network.layers.size()
                                 : std::ranges::find(network.outputs, network.layers[layer].name,
                                                     &network_output_spec::from) != network.outputs.end();
}

void check_layers(const network_spec& network, const checker& check) {
  const std::vector<layer_spec>& layers = network.layers;
  if (layers.empty()) {
    check.refuse("network", "layer",
                 "no layer; accepted: a [[network.layer]] with a cell for each layer, at least one");
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto id = "network.layer." + std::to_string(i);
    const auto& name = layers[i].name;
    if (!is_identifier(name)) {
      check.refuse(id, "name", "is " + toml_text(name) + "; accepted: letters, digits, _ and -, no digit first");
    }
    if (!seen.insert(name).second) {
      check.refuse(id, "name", "is " + toml_text(name) + ", as an earlier layer's; accepted: a name of its own");
    }
    if (layers[i].refractory != 0.0 && !find_cell(layers[i].cell).spiking) {
      check.refuse(id, "refractory",
                   "is " + toml_text(layers[i].refractory) + " ms; accepted: 0, for neurons of " + layers[i].cell +
                       " do not spike");
    }
    if (layers[i].channels != 0 && layers[i].size % layers[i].channels != 0) {
      check.refuse(id, "channels",
                   "is " + std::to_string(layers[i].channels) + "; accepted: 0, or a divisor of the " +
                       std::to_string(layers[i].size) + " neurons");
    }
    if (const auto problem = find_pool_problem(layers[i])) {
      check.refuse(id, problem->key, "is " + problem->value + "; accepted: " + problem->accepted);
    }
    if (const auto problem = find_delay_problem(layers[i])) {
      check.refuse(id, problem->key, "is " + problem->shown + "; accepted: " + problem->accepted);
    }
    if (layers[i].size == 0 && layers[i].shape.empty() && !is_output(network, i) && !finds_size(network, layers[i])) {
      check.refuse(id, "size",
                   network.outputs.empty()
                       ? "is 0; accepted: 1 neuron or more (only the last layer's 0 is the number of classes)"
                       : "is 0; accepted: 1 neuron or more (only an output's 0 is the number of its classes)");
    }
  }
}

void check_values(const experiment& e, const checker& check) {
  if (!is_valid_utf8(e.name)) {
    check.refuse("", "name", "is not UTF-8 text; give the run another name than its file's");
  }
  if (!is_folder_name(e.name)) {
    check.refuse("", "name",
                 "is " + toml_text(e.name) + "; accepted: the name of a folder, without / and control characters");
  }
  if (e.rule.kind == rule_kind::truncated_bptt && e.rule.stride > e.rule.window) {
    check.refuse("rule", "stride",
                 "is " + std::to_string(e.rule.stride) + " steps; accepted: at most rule.window, " +
                     std::to_string(e.rule.window) + " steps");
  }
  const auto& audio = e.data.audio;
  if (audio.low_hz >= audio.high_hz) {
    check.refuse("data.audio", "high_hz",
                 "is " + toml_text(audio.high_hz) + " Hz; accepted: above data.audio.low_hz, " +
                     toml_text(audio.low_hz) + " Hz");
  }
}

void check_folds(const data_spec& data, const checker& check) {
  if (data.folds == 1) {
    check.refuse("data", "folds", "is 1; accepted: 2 or more, or 0 for the source's own test set");
  }
  if (data.folds == 0 && data.fold != 1) {
    check.refuse("data", "fold", "is " + std::to_string(data.fold) + "; accepted: with data.folds, 2 or more");
  }
  if (data.folds > 0 && data.fold > data.folds) {
    check.refuse("data", "fold",
                 "is " + std::to_string(data.fold) + "; accepted: 1 to data.folds, " + std::to_string(data.folds));
  }
  if (data.folds > 0 && !data.held_out_speaker.empty()) {
    check.refuse("data", "folds",
                 "is " + std::to_string(data.folds) + " beside data.held_out_speaker; accepted: one of the two");
  }
}

/// Every parameter of the cell, and none of another cell that a layer had before its cell was overridden.
void complete_parameters(layer_spec& layer) {
  std::map<std::string, cell_parameter_spec> all;
  for (const field& f : find_cell(layer.cell).parameters) {
    const auto given = layer.parameters.find(std::string(f.name));
    all[std::string(f.name)] = with_range(given == layer.parameters.end() ? default_parameter(f) : given->second, f);
  }
  layer.parameters = std::move(all);
}

/// What the keys of a parameter say together; each alone was checked when it was read.
void check_parameters(const layer_spec& layer, const std::string& id, const checker& check) {
  for (const field& f : find_cell(layer.cell).parameters) {
    if (const auto problem = find_problem(layer.parameters.at(std::string(f.name)), f)) {
      const auto unit = f.unit.empty() ? std::string() : std::string(" ").append(f.unit);
      const auto shown = problem->value ? toml_text(*problem->value) + unit : toml_text(std::string("layer"));
      check.refuse(join(id, std::string(f.name)), problem->key, "is " + shown + "; accepted: " + problem->accepted);
    }
  }
}

void check_activity(const layer_spec& layer, const std::string& id, const checker& check) {
  const auto table = join(id, "activity");
  if (const auto problem = find_problem(layer.activity, find_cell(layer.cell).spiking, unbounded)) {
    check.refuse(table, problem->key,
                 "is " + toml_text(problem->value) + (problem->unit.empty() ? "" : " " + problem->unit) +
                     "; accepted: " + problem->accepted);
  }
  for (const std::string bound : {"lower", "upper", "target"}) {
    check.require_weight(table, bound, bound + "_weight");
  }
}

/// Classes and their names, as far as they are known without the data.
void check_outputs(const experiment& e, const checker& check) {
  for (std::size_t k = 0; k < e.network.outputs.size(); ++k) {
    const network_output_spec& o = e.network.outputs[k];
    const auto id = "objective.output." + std::to_string(k);
    if (!is_identifier(o.name)) {
      check.refuse(id, "name", "is " + toml_text(o.name) + "; accepted: letters, digits, _ and -, no digit first");
    }
    const loss_spec* of_spikes = o.read == output_read::membrane ? first_loss_of_spikes(e.objective.of(k)) : nullptr;
    if (of_spikes != nullptr) {
      check.refuse(id, "read",
                   "is " + toml_text(std::string(name_of(o.read))) + "; accepted: " + reads_for(*of_spikes));
    }
    std::set<std::uint32_t> classes(o.classes_from.begin(), o.classes_from.end());
    if (!classes.empty() && *classes.rbegin() + std::size_t{1} != classes.size()) {
      check.refuse(id, "classes_from",
                   "leads to " + std::to_string(classes.size()) + " classes, the largest of them " +
                       std::to_string(*classes.rbegin()) + "; accepted: every number from 0 to the largest");
    }
    if (!classes.empty() && !o.class_names.empty() && o.class_names.size() != classes.size()) {
      check.refuse(id, "class_names",
                   "has " + std::to_string(o.class_names.size()) + " names; accepted: " +
                       std::to_string(classes.size()) + ", one for each class that classes_from leads to");
    }
  }
}

/// The number of classes is known where a layer that is an output has a size.
void check_class_weights(const experiment& e, const checker& check) {
  for (std::size_t k = 0; k < e.objective.outputs(); ++k) {
    const auto& layers = e.network.layers;
    const auto layer = e.network.outputs.empty()
                           ? layers.end() - 1
                           : std::ranges::find(layers, e.network.outputs[k].from, &layer_spec::name);
    if (const auto problem = find_class_weights_problem(e.objective.of(k), layer->size)) {
      const auto list = "objective.output." + std::to_string(k);
      const bool own = check.was_set(join(list, "class_weights"));
      check.refuse(own ? list : "objective", "class_weights",
                   "is " + problem->value + "; accepted: " + problem->accepted);
    }
  }
}

/// A group of the optimiser that is for nothing is a mistake that no training would show.
void check_groups(const experiment& e, const checker& check) {
  if (e.optimiser.groups.empty()) {
    return;
  }
  network_spec named = e.network;  // names do not depend on what only the data knows
  const network_spec plain = without_sizes(e.network);
  named.inputs = plain.inputs;
  named.parts = plain.parts;
  named.connections = plain.connections;
  named.input_shape.clear();
  for (auto& layer : named.layers) {
    layer.size = std::max<std::uint32_t>(layer.size, 1);
    layer.channels = 0;
    layer.shape.clear();
    layer.kind = layer_spec{}.kind;
    layer.settings.clear();
    layer.transform = weight_transform::none;
    layer.dropout_per = parameter_sharing::neuron;
  }
  std::optional<network> net;
  try {
    net.emplace(named);
  } catch (const value_error&) {
    return;  // such a network is refused where it is built, and what its parameters are called does not matter
  }
  if (const auto idle = first_idle_group(e.optimiser.groups, net->parameters())) {
    check.refuse("optimiser.group." + std::to_string(*idle), "match",
                 "is " + toml_text(e.optimiser.groups[*idle].match) +
                     "; accepted: a pattern that matches a learned parameter: " + learned_names(net->parameters()));
  }
}

/// Samples that nothing augments would train as they are, in silence.
void check_augmentation(const experiment& e, const checker& check) {
  using enum data_source;
  constexpr std::array augmented{events, nmnist, fashion_mnist, idx, none};
  if (e.data.augment != event_augment_spec{} && std::ranges::find(augmented, e.data.source) == augmented.end()) {
    check.refuse("data", "augment",
                 "is given with data.source = " + std::string(name_of(e.data.source)) +
                     "; accepted with events, nmnist, fashion_mnist and idx");
  }
}

/// Values are there before the encoder of images; events of anything else would have no gradient to follow.
void check_adversarial(const experiment& e, const checker& check) {
  if (e.adversarial.kind == defence_kind::none) {
    return;
  }
  const bool images = e.data.source == data_source::fashion_mnist || e.data.source == data_source::idx;
  if (!images || e.data.folds > 0) {
    check.refuse("objective.adversarial", "kind",
                 "is " + std::string(name_of(e.adversarial.kind)) +
                     "; accepted: none, but for data.source = fashion_mnist or idx without data.folds");
  }
  if (e.adversarial.norm == attack_norm::l0) {
    check.refuse("objective.adversarial", "norm", "is l0; accepted: linf, l2, l1");
  }
}

}  // namespace

void finish(experiment& e, const settings_map& settings, const std::string& file) {
  const checker check(settings, file);
  name_layers(e.network.layers);
  finish_connections(e.network.connections);
  finish_own_kinds(e.network.layers);
  finish_agent(e, settings, check);
  check_output_layers(e.network, check);
  check_layers(e.network, check);
  check_graph(e.network, check);
  check_outputs(e, check);
  check_values(e, check);
  check_folds(e.data, check);
  for (std::size_t i = 0; i < e.network.layers.size(); ++i) {
    complete_parameters(e.network.layers[i]);
    check_parameters(e.network.layers[i], "network.layer." + std::to_string(i), check);
    check_activity(e.network.layers[i], "network.layer." + std::to_string(i), check);
  }
  check.require_weight("objective.synaptic_operations", "budget", "weight");
  check_class_weights(e, check);
  check_augmentation(e, check);
  check_adversarial(e, check);
  check_agent(e, check);
  check_groups(e, check);
}

}  // namespace backspike::config
