// Turns the short-term plasticity of a connection into a population of its own and a connection of weight 1 to it.

#include "network/plasticity.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/tsodyks_markram.hpp>
#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// What is neither the input nor a part of it nor a layer is refused with the rest of the connection.
std::uint32_t size_of(const std::string& name, const network_spec& spec) {
  const auto part = std::ranges::find(spec.parts, name, &input_part::name);
  const auto layer = std::ranges::find(spec.layers, name, &layer_spec::name);
  return name == input_name           ? spec.inputs
         : part != spec.parts.end()   ? part->size
         : layer != spec.layers.end() ? layer->size
                                      : 0;
}

const layer_spec* source_of(const connection_spec& c, const network_spec& spec) {
  const auto found = std::ranges::find(spec.layers, c.from, &layer_spec::name);
  return found == spec.layers.end() ? nullptr : &*found;
}

void check_source(const connection_spec& c, const layer_spec* source, const std::string& where) {
  if (source != nullptr && !find_cell(source->cell).spiking) {
    throw value_error("network", where + "from", c.from,
                      "input, or a layer whose neurons spike: short_term_plasticity is what spikes release");
  }
}

std::map<std::string, cell_parameter_spec> parameters_of(const short_term_plasticity_spec& plasticity,
                                                         const std::string& where) {
  std::map<std::string, cell_parameter_spec> all;
  std::string known;
  const double values[] = {plasticity.U, plasticity.tau_d, plasticity.tau_f};
  for (std::size_t k = 0; k < std::size(values); ++k) {
    const field& f = tsodyks_markram::fields[k];
    const std::string name(f.name);
    cell_parameter_spec p = default_parameter(f);
    p.value = values[k];
    if (!(p.value >= f.low && p.value <= f.high)) {
      throw value_error("network", where + name, short_number(p.value),
                        short_number(f.low) + " to " + short_number(f.high));
    }
    p.learn = std::ranges::find(plasticity.learn, name) != plasticity.learn.end();
    p.per = p.learn ? plasticity.per : p.per;
    all[name] = p;
    known += (known.empty() ? "" : ", ") + name;
  }
  for (const std::string& name : plasticity.learn) {
    if (!all.contains(name)) {
      throw value_error("network", where + "learn", name, "names of these parameters: " + known);
    }
  }
  return all;
}

layer_spec population_of(const connection_spec& c, const network_spec& spec, const std::string& where) {
  const layer_spec* source = source_of(c, spec);
  check_source(c, source, where);
  layer_spec layer;
  layer.name = plasticity_name(c);
  layer.from.emplace();
  layer.cell = tsodyks_markram::name;
  layer.size = size_of(c.from, spec);
  layer.channels = source == nullptr ? 0 : source->channels;
  layer.shape = source != nullptr ? source->shape : c.from == input_name ? spec.input_shape : grid_shape{};
  layer.parameters = parameters_of(*c.short_term_plasticity, where + "short_term_plasticity.");
  return layer;
}

/// The population before the last layer has a name of its own.
void check_name(const std::vector<layer_spec>& layers, const std::string& where) {
  const std::string& name = layers[layers.size() - 2].name;
  if (std::ranges::count(layers, name, &layer_spec::name) > 1) {
    throw value_error("network", where + "name", name.substr(0, name.rfind('.')),
                      "a name that no other connection has");
  }
}

/// Without it a layer receives from the one before, which may be another one soon.
void name_sources(std::vector<layer_spec>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].from) {
      layers[i].from = {i == 0 ? std::string(input_name) : layers[i - 1].name};
    }
  }
}

}  // namespace

std::string plasticity_name(const connection_spec& c) {
  return (c.name.empty() ? c.to + "." + c.from : c.name) + ".plasticity";
}

std::vector<layer_spec> with_plasticity(const network_spec& spec) {
  std::vector<layer_spec> layers = spec.layers;
  for (std::size_t k = 0; k < spec.connections.size(); ++k) {
    const connection_spec& c = spec.connections[k];
    if (c.short_term_plasticity && size_of(c.from, spec) > 0) {
      const std::string where = "connection." + std::to_string(k) + ".";
      name_sources(layers);
      // Before the last layer, which is the output where none is named. Where outputs are named it could stand last;
      // but the order of populations is that of parameters, from which the numbers of initial weights come.
      layers.insert(layers.end() - 1, population_of(c, spec, where));
      check_name(layers, where);
    }
  }
  return layers;
}

connection_spec relay_of(const connection_spec& c) {
  connection_spec relay;
  relay.name = relay.to = plasticity_name(c);
  relay.from = c.from;
  relay.kind = "one_to_one";
  relay.base_delay = 0;
  relay.learn = false;
  relay.init = weight_init::identity;
  return relay;
}

}  // namespace backspike
