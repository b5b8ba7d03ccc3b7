// Reads the tables of an experiment, its lists of layers, groups and losses, and the cell parameters of each layer.

#include "experiment/config/reader.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>

#include "experiment/config/connection_reader.hpp"
#include "experiment/config/keys/hardware_keys.hpp"

#include <algorithm>

namespace backspike::config {
namespace {

const std::string layer_list = "network.layer", group_list = "optimiser.group", term_list = "objective.term",
                  output_list = "objective.output", mismatch_list = "hardware.mismatch";

const field* find_field(const std::string& cell, const std::string& name) {
  for (const field& f : find_cell(cell).parameters) {
    if (f.name == name) {
      return &f;
    }
  }
  return nullptr;
}

std::string layer_id(std::size_t index) { return join(layer_list, std::to_string(index)); }

/// How messages call a layer of a file: by its name if it has one, so that the same key works on the command line.
std::string shown_name(const toml::node& node, std::size_t index, std::size_t count) {
  const auto* table = node.as_table();
  const auto name = table == nullptr ? std::string() : (*table)["name"].value_or(std::string());
  return name.empty() ? default_layer_name(index, count) : name;
}

}  // namespace

const toml::array& list_of(const toml::node& node, const std::string& name, const std::string& what,
                           const place& where) {
  const auto* list = node.as_array();
  if (list == nullptr) {
    throw config_error(
        where.file, where.line, name,
        "is " + found_text(node) + "; accepted: a [[" + name + "]], in double brackets, for each " + what);
  }
  return *list;
}

place place_of_element(const toml::node& element, const place& list) {
  return {list.file, list.line == 0 ? 0 : element.source().begin.line, ""};
}

void layer_reader::read_layer(const toml::node& node, const place& where) {
  const auto& table = table_of(node, shown(), where);
  if (const auto* cell = table.get("cell")) {
    read("cell", *cell, place_within(where, table, "cell"));
  }
  read("", node, where);
}

/// conv2d = {...}: the kind of the connections that the layer brings, with its settings.
bool layer_reader::read_own_kind(const std::string& kind, const std::string& rest, const toml::node& node,
                                 const place& where) {
  const auto known = known_connections();
  const auto info = std::ranges::find(known, kind, &connection_info::name);
  if (info == known.end()) {
    return false;
  }
  const auto full = join(shown(), kind);
  if (owner().kind != kind) {
    const auto given = settings().find(join(id(), owner().kind));
    if (given != settings().end() && where.line != 0) {
      throw config_error(where.file, where.line, full,
                         "is a second kind of connection beside " + owner().kind +
                             "; accepted: one for a layer, and more as [[network.connection]]");
    }
    owner().kind = kind;
    owner().settings.clear();
  }
  key_table<connection_spec> table{{"", "", {}}};
  for (const field& f : info->fields) {
    table.front().keys.push_back(setting_key(f));
  }
  settings()[join(id(), kind)] = {where, full};
  connection_spec own;
  own.settings = owner().settings;
  table_reader<connection_spec>(table, own, join(id(), kind), full, settings()).read(rest, node, where);
  owner().settings = std::move(own.settings);
  return true;
}

namespace {

constexpr std::string_view normalisations[] = {"batch_norm", "batchnorm",  "batch_normalisation", "batch_normalization",
                                               "bn",         "layer_norm", "group_norm",          "instance_norm",
                                               "norm"};

/// Users come with networks that have it, and it would be an unknown key else.
void refuse_normalisation(const std::string& name, const std::string& full, const place& where) {
  if (std::ranges::find(normalisations, name) != std::end(normalisations)) {
    throw config_error(where.file, where.line, full,
                       "no layer is normalised by its batch: what a neuron does would depend on other samples and on "
                       "later steps. Accepted instead: weight_transform = \"standardise\" with v_th = {learn = true, "
                       "per = \"channel\"}; a trained one is folded into weights and bias by fold_batch_norm "
                       "(docs/networks/normalisation.md)");
  }
}

}  // namespace

bool layer_reader::read_other(const std::string& name, const toml::node& node, const place& where) {
  std::string rest;
  const auto parameter = first_of(name, rest);
  refuse_normalisation(parameter, join(shown(), parameter), where);
  if (read_own_kind(parameter, rest, node, where)) {
    return true;
  }
  const auto* f = find_field(owner().cell, parameter);
  if (f == nullptr) {
    return false;
  }
  const key_table<cell_parameter_spec> table{{"", "", parameter_keys(*f)}};
  auto& spec = owner().parameters.try_emplace(parameter, default_parameter(*f)).first->second;
  const auto full = join(shown(), parameter);
  if (rest.empty()) {
    settings()[join(id(), parameter)] = {where, full};
  }
  if (rest.empty() && node.is_array()) {
    const auto& numbers = table.front().keys.back();
    numbers.set(spec, checked_value(numbers, full, node, where));
    spec.per = spec.per == parameter_sharing::layer ? parameter_sharing::neuron : spec.per;
  } else if (rest.empty() && !node.is_table()) {
    const auto& number = table.front().keys.front();
    number.set(spec, checked_value(number, full, node, where));
    spec.values.clear();
  } else {
    if (rest == "value") {
      spec.values.clear();  // an override: one value for all
    }
    table_reader<cell_parameter_spec>(table, spec, join(id(), parameter), full, settings()).read(rest, node, where);
  }
  return true;
}

std::vector<std::string> layer_reader::other_names(const std::string& section_name) const {
  std::vector<std::string> names;
  if (section_name.empty()) {
    for (const field& f : find_cell(owner().cell).parameters) {
      names.emplace_back(f.name);
    }
    for (const connection_info& kind : known_connections()) {
      names.emplace_back(kind.name);
    }
  }
  return names;
}

bool experiment_reader::read_other(const std::string& name, const toml::node& node, const place& where) {
  if (name == layer_list) {
    read_layers(node, where);
    return true;
  }
  return read_list(owner().optimiser.groups, group_keys(), group_list, "group", name, node, where) ||
         read_list(owner().hardware.mismatch, mismatch_keys(), mismatch_list, "mismatch", name, node, where) ||
         read_list(terms_, term_keys(), term_list, "term", name, node, where) || read_output(name, node, where) ||
         read_list(owner().network.parts, part_keys(), part_list, "input", name, node, where) ||
         read_connections(owner().network.connections, name, node, where, settings()) ||
         read_layer_key(name, node, where);
}

bool experiment_reader::read_layer_key(const std::string& name, const toml::node& node, const place& where) {
  if (!name.starts_with(layer_list + ".")) {
    return false;
  }
  std::string rest;
  const auto layer = first_of(name.substr(layer_list.size() + 1), rest);
  const auto index = find_layer(layer, name, where);
  layer_reader reader(owner().network.layers[index], layer_id(index), join(layer_list, layer), settings());
  if (rest.empty()) {
    reader.read_layer(node, where);
  } else {
    reader.read(rest, node, where);
  }
  return true;
}

std::vector<std::string> experiment_reader::other_names(const std::string& section_name) const {
  if (section_name == "network") {
    return {"layer", "connection", "input"};
  }
  if (section_name == "hardware") {
    return {"mismatch"};
  }
  if (section_name == "optimiser") {
    return {"group"};
  }
  return section_name == "objective" ? std::vector<std::string>{"output", "term"} : std::vector<std::string>{};
}

void experiment_reader::read_layers(const toml::node& node, const place& where) {
  const auto& list = list_of(node, layer_list, "layer", where);
  auto& layers = owner().network.layers;
  layers.assign(list.size(), {});
  settings()[layer_list] = {where, layer_list};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& element = list[i];
    const place at = place_of_element(element, where);
    const auto shown = join(layer_list, shown_name(element, i, layers.size()));
    settings()[layer_id(i)] = {at, shown};
    layer_reader(layers[i], layer_id(i), shown, settings()).read_layer(element, at);
  }
  name_layers(layers);
}

/// `name` is a whole [[list]] of tables, or a key of one of its elements, by number; false: it is neither.
template <class Element>
bool experiment_reader::read_list(std::vector<Element>& elements, const key_table<Element>& keys,
                                  const std::string& list_name, const char* what, const std::string& name,
                                  const toml::node& node, const place& where) {
  if (name == list_name) {
    const auto& list = list_of(node, list_name, what, where);
    elements.assign(list.size(), {});
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const auto id = join(list_name, std::to_string(i));
      const place at = place_of_element(list[i], where);
      settings()[id] = {at, id};
      table_reader<Element>(keys, elements[i], id, id, settings()).read("", list[i], at);
    }
    return true;
  }
  if (!name.starts_with(list_name + ".")) {
    return false;
  }
  std::string rest;
  const auto number = first_of(name.substr(list_name.size() + 1), rest);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (std::to_string(i) == number) {
      const auto id = join(list_name, number);
      table_reader<Element>(keys, elements[i], id, id, settings()).read(rest, node, where);
      return true;
    }
  }
  throw config_error(where.file, where.line, name,
                     "no " + std::string(what) + " " + number + "; there are " + std::to_string(elements.size()) +
                         ", numbered from 0");
}

/// An output on the command line is called by its name, or its layer's, or its number.
bool experiment_reader::read_output(const std::string& name, const toml::node& node, const place& where) {
  std::string rest;
  const std::string called =
      name.starts_with(output_list + ".") ? first_of(name.substr(output_list.size() + 1), rest) : "";
  for (std::size_t i = 0; i < outputs_.size() && !called.empty(); ++i) {
    const output_entry& o = outputs_[i];
    if (called == (o.name.empty() ? o.from : o.name)) {
      const auto numbered = join(join(output_list, std::to_string(i)), rest);
      return read_list(outputs_, output_entry_keys(), output_list, "output", numbered, node, where);
    }
  }
  return read_list(outputs_, output_entry_keys(), output_list, "output", name, node, where);
}

output_objective experiment_reader::settled(std::size_t output) const {
  output_objective objective = owner().objective.of(0);
  objective.terms.clear();
  const auto given = join(output_list, std::to_string(output));
  for (const auto& k : output_entry_keys().front().keys) {
    output_entry whole;
    static_cast<output_objective&>(whole) = objective;
    if (settings().contains(join(given, k.name))) {
      k.set(whole, k.get(outputs_[output]));
      objective = whole;
    }
  }
  return objective;
}

void experiment_reader::settle_term(std::size_t term) {
  const std::string& wanted = terms_[term].output.value_or("");
  std::vector<std::string> known;
  for (std::size_t k = 0; k < std::max<std::size_t>(outputs_.size(), 1); ++k) {
    known.push_back(outputs_.empty() ? "" : outputs_[k].name);
    if (wanted.empty() || wanted == known.back()) {
      owner().objective.of(k).terms.push_back(terms_[term]);
      return;
    }
  }
  const auto key = join(join(term_list, std::to_string(term)), "output");
  const auto& at = settings().at(key);
  throw config_error(at.where.file, at.where.line, at.shown,
                     "is " + toml_text(wanted) + "; accepted: " +
                         (outputs_.empty() ? "none, where there is no [[objective.output]]"
                                           : "the name of an output: " + joined(known)));
}

void experiment_reader::settle_outputs() {
  experiment& e = owner();
  std::vector<output_objective> objectives;
  for (std::size_t k = 0; k < outputs_.size(); ++k) {
    outputs_[k].name = outputs_[k].name.empty() ? outputs_[k].from : outputs_[k].name;
    objectives.push_back(settled(k));
    e.network.outputs.push_back(outputs_[k]);
  }
  for (std::size_t k = 0; k < objectives.size(); ++k) {
    if (k > 0) {
      e.objective.others.push_back(objectives[k]);
    } else {
      static_cast<output_objective&>(e.objective) = objectives[k];
    }
  }
  for (std::size_t k = 0; k < terms_.size(); ++k) {
    settle_term(k);
  }
}

std::size_t experiment_reader::find_layer(const std::string& name, const std::string& full, const place& where) const {
  const auto& layers = owner().network.layers;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name == name || std::to_string(i) == name) {
      return i;
    }
    known.push_back(layers[i].name);
  }
  const auto hint = suggestion(name, known);
  throw config_error(where.file, where.line, full,
                     "no layer " + name + hint + (hint.empty() ? "; layers: " : " Layers: ") + joined(known) +
                         ", or their numbers from 0");
}

}  // namespace backspike::config
