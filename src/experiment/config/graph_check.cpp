// Plans the network of an experiment with one neuron for each layer, and turns what `network` refuses into an error of
// the file.

#include "experiment/config/graph_check.hpp"

#include <backspike/connection/connection_info.hpp>
#include <backspike/network/network.hpp>

#include "experiment/config/connection_reader.hpp"
#include "experiment/config/keys/keys.hpp"
#include "experiment/config/spelling.hpp"
#include "network/shapes.hpp"

#include <algorithm>
#include <cctype>

namespace backspike::config {
namespace {

const std::string layer_list = "network.layer";

/// Of a network from a file. Each is looked up among all others, so that a list of millions would take hours.
constexpr std::size_t most_connections = 8192;

std::string layer_id(std::size_t index) { return join(layer_list, std::to_string(index)); }

/// Every setting of its kind, and none of another kind that it had before it was overridden.
connection_settings all_settings(const connection_spec& c) {
  connection_settings all;
  for (const field& f : find_connection(c.kind).fields) {
    all[std::string(f.name)] = std::get<double>(setting_key(f).get(c));
  }
  return all;
}

/// What a connection may lead from.
std::vector<std::string> names_of(const network_spec& spec) {
  std::vector<std::string> names;
  for (const input_part& part : spec.parts) {
    names.push_back(part.name);
  }
  for (const layer_spec& layer : spec.layers) {
    names.push_back(layer.name);
  }
  return names;
}

std::size_t place_of(const std::string& name, const std::vector<layer_spec>& layers) {
  return static_cast<std::size_t>(std::ranges::find(layers, name, &layer_spec::name) - layers.begin());
}

/// Parts that are identifiers, with dots between them.
bool is_dotted_identifier(const std::string& name) {
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t dot = name.find('.', at);
    if (!is_identifier(name.substr(at, dot - at))) {
      return false;
    }
    at = dot == std::string::npos ? dot : dot + 1;
  }
  return true;
}

void check_count(const network_spec& spec, const checker& check) {
  std::size_t count = spec.connections.size();
  for (const layer_spec& layer : spec.layers) {
    count += layer.from ? layer.from->size() : 0;
  }
  if (count > most_connections) {
    check.refuse("network", "connection",
                 "there are " + std::to_string(count) + " with those that layers name in from; accepted: at most " +
                     std::to_string(most_connections));
  }
}

void check_names(const network_spec& spec, const checker& check) {
  for (std::size_t k = 0; k < spec.connections.size(); ++k) {
    const connection_spec& c = spec.connections[k];
    for (const auto& [key, name] : {std::pair("from", c.from), std::pair("to", c.to)}) {
      if (name.empty()) {
        check.refuse(connection_id(k), key, "is missing; accepted: the name of a layer");
      }
    }
    if (!is_dotted_identifier(c.name)) {
      check.refuse(connection_id(k), "name",
                   "is " + toml_text(c.name) + "; accepted: letters, digits, _, - and ., no digit first");
    }
  }
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    auto from = spec.layers[i].from.value_or(std::vector<std::string>{});
    std::ranges::sort(from);
    if (const auto twice = std::ranges::adjacent_find(from); twice != from.end()) {
      check.refuse(layer_id(i), "from",
                   "names " + toml_text(*twice) + " twice; accepted: each layer once, a second connection as a [[" +
                       connection_list + "]]");
    }
  }
}

/// Neurons 0: only the data know them.
struct end_of_connection {
  std::size_t neurons;
  grid_shape shape;
};

end_of_connection end_at(const std::string& name, const network_spec& spec) {
  const auto part = std::ranges::find(spec.parts, name, &input_part::name);
  if (part != spec.parts.end()) {
    return {part->size, {}};
  }
  const std::size_t place = place_of(name, spec.layers);
  return place < spec.layers.size() ? end_of_connection{spec.layers[place].size, spec.layers[place].shape}
                                    : end_of_connection{spec.inputs, spec.input_shape};
}

/// Settings and pairs of a connection between layers whose sizes are known.
void check_synapses(const network_spec& spec, const checker& check) {
  for (std::size_t k = 0; k < spec.connections.size(); ++k) {
    const connection_spec& c = spec.connections[k];
    const connection_info& kind = find_connection(c.kind);
    std::vector<double> settings;
    for (const field& f : kind.fields) {
      settings.push_back(c.settings.at(std::string(f.name)));
    }
    const end_of_connection from = end_at(c.from, spec), to = end_at(c.to, spec);
    const synapse_request request{from.neurons, to.neurons, c.from == c.to, settings,
                                  c.sources,    c.targets,  from.shape,     to.shape};
    if (request.sources == 0 || request.targets == 0) {
      continue;
    }
    if (const auto problem = kind.problem(request)) {
      check.refuse(connection_id(k), problem->key, "is " + problem->value + "; accepted: " + problem->accepted);
    }
  }
}

/// The last part of a loop leads back in the order of the layers, and is the one that somebody asked for by name.
[[noreturn]] void refuse_loop(const network_spec& spec, const value_error& e, const checker& check) {
  const std::string arrow = " -> ", end = ", in which no spike takes time; accepted: ";
  std::vector<std::size_t> way;
  for (std::size_t at = 0; at != std::string::npos;) {
    const std::size_t next = e.value.find(arrow, at);
    if (const std::size_t place = place_of(e.value.substr(at, next - at), spec.layers); place < spec.layers.size()) {
      way.push_back(place);  // what stands between two layers is the plasticity of their connection
    }
    at = next == std::string::npos ? next : next + arrow.size();
  }
  if (way.size() == 1 || way.front() != way.back()) {
    way.push_back(way.front());
  }
  const auto back = std::ranges::adjacent_find(way, std::greater_equal<>());
  const std::string& from = spec.layers[*back].name;
  const std::string& to = spec.layers[*(back + 1)].name;
  for (std::size_t k = 0; k < spec.connections.size(); ++k) {
    const connection_spec& c = spec.connections[k];
    if (c.from == from && c.to == to && c.base_delay.value_or(from == to ? 1 : 0) == 0) {
      check.refuse(connection_id(k), "base_delay",
                   "closes the loop " + e.value + end + "1 step or more in one of its connections");
    }
  }
  check.refuse(layer_id(*(back + 1)), "from",
               "closes the loop " + e.value + end + "a [[" + connection_list + "]] with base_delay = 1 instead");
}

/// `name` is a key of a layer or connection; what names a layer gets the nearest spelling.
std::string message_of(const value_error& e, const std::string& name, const network_spec& spec) {
  if (name != "from" && name != "to") {
    return "is " + (name == "name" ? toml_text(e.value) : e.value) + "; accepted: " + e.accepted;
  }
  const auto hint = suggestion(e.value, names_of(spec));
  return "is " + toml_text(e.value) + hint + (hint.empty() ? "; accepted: " : " Accepted: ") + e.accepted;
}

/// `network` says "connection.0.from", "output.0.from", "hidden1.from" or "name of layer 0".
[[noreturn]] void refuse_as_key(const network_spec& spec, const value_error& e, const checker& check) {
  const std::string numbered = "name of layer ";
  if (e.argument.starts_with(numbered)) {
    check.refuse(join(layer_list, e.argument.substr(numbered.size())), "name", message_of(e, "name", spec));
  }
  std::string rest;
  const std::string first = first_of(e.argument, rest);
  if (rest.empty()) {
    check.refuse("network", first, message_of(e, first, spec));
  }
  if (first == "connection" || first == "input") {
    std::string name;
    const std::string number = first_of(rest, name);
    check.refuse(join(first == "input" ? part_list : connection_list, number), name, message_of(e, name, spec));
  }
  if (first == "output" && !rest.empty() && std::isdigit(static_cast<unsigned char>(rest.front())) != 0) {
    std::string name;
    const std::string number = first_of(rest, name);
    check.refuse(join("objective.output", number), name, message_of(e, name, spec));
  }
  check.refuse(layer_id(place_of(first, spec.layers)), rest, message_of(e, rest, spec));
}

}  // namespace

bool is_identifier(const std::string& name) {
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::all_of(name.begin(), name.end(), letter);
}

void finish_connections(std::vector<connection_spec>& connections) {
  for (connection_spec& c : connections) {
    c.name = called(c);
    c.settings = all_settings(c);
  }
}

void finish_own_kinds(std::vector<layer_spec>& layers) {
  for (layer_spec& layer : layers) {
    connection_spec own;
    own.kind = layer.kind;
    own.settings = layer.settings;
    layer.settings = all_settings(own);
  }
}

network_spec without_sizes(const network_spec& spec) {
  network_spec plain;
  plain.inputs = static_cast<std::uint32_t>(std::max<std::size_t>(1, spec.parts.size()));
  plain.parts = spec.parts;
  for (input_part& part : plain.parts) {
    part.size = std::min(part.size, 1u);
  }
  for (const layer_spec& layer : spec.layers) {
    plain.layers.emplace_back();
    plain.layers.back().name = layer.name;
    plain.layers.back().from = layer.from;
    plain.layers.back().cell = layer.cell;
    plain.layers.back().size = 1;
    plain.layers.back().recurrent = layer.recurrent;
    plain.layers.back().receptor = layer.receptor;
    plain.layers.back().recurrent_receptor = layer.recurrent_receptor;
  }
  plain.outputs = spec.outputs;
  plain.connections = spec.connections;
  for (connection_spec& c : plain.connections) {
    c.settings.clear();
    c.transform = weight_transform::none;  // neither has a meaning between single neurons
    c.dropout_per = parameter_sharing::neuron;
    const bool refuses_pairs = !find_connection(c.kind).takes_pairs && !(c.sources.empty() && c.targets.empty());
    if (!refuses_pairs) {
      c.kind = connection_spec{}.kind;
      c.sources.clear();
      c.targets.clear();
    }
  }
  return plain;
}

namespace {

/// With shapes and sizes as far as the file says them.
network_spec with_known_shapes(const network_spec& spec, const checker& check) {
  network_spec known = spec;
  try {
    work_out_shapes(known);
  } catch (const value_error& e) {
    refuse_as_key(spec, e, check);
  }
  return known;
}

}  // namespace

void check_graph(const network_spec& spec, const checker& check) {
  const network_spec known = with_known_shapes(spec, check);
  const auto is_chained = [](const layer_spec& layer) {
    return !layer.from && !layer.receptor && !layer.recurrent_receptor;
  };
  if (spec.connections.empty() && spec.parts.empty() && spec.outputs.empty() &&
      std::ranges::all_of(spec.layers, is_chained)) {
    return;  // a chain has nothing that could be wrong here
  }
  check_count(spec, check);
  check_names(spec, check);
  try {
    const network planned(without_sizes(spec));
  } catch (const value_error& e) {
    if (e.argument == "loop") {
      refuse_loop(spec, e, check);
    }
    refuse_as_key(spec, e, check);
  }
  check_synapses(known, check);
}

}  // namespace backspike::config
