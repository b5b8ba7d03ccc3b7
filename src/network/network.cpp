// Plans a network: checks the layers, lays out their parameters, and makes populations, connections and blocks of them.

#include <backspike/network/network.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"
#include "network/activity_check.hpp"
#include "network/delay_check.hpp"
#include "network/growth.hpp"
#include "network/parameter_check.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace backspike {
namespace {

void check_parameter(const field& f, const std::string& where, const cell_parameter_spec& spec) {
  if (const auto problem = find_problem(spec, f)) {
    const std::string name = where + "." + std::string(f.name);
    throw value_error("network", problem->key == "value" ? name : name + "." + problem->key,
                      problem->value ? short_number(*problem->value) + " " + std::string(f.unit) : "layer",
                      problem->accepted);
  }
}

void check_activity(const layer_spec& layer, const cell_info& cell, double dt) {
  if (const auto problem = find_problem(layer.activity, cell.spiking, 1000.0 / dt)) {
    throw value_error("network", layer.name + ".activity." + problem->key,
                      short_number(problem->value) + (problem->unit.empty() ? "" : " " + problem->unit),
                      problem->accepted);
  }
}

void check_count(const field& f, const layer_spec& layer, const cell_parameter_spec& spec, std::size_t numbers) {
  if (!spec.values.empty() && spec.values.size() != numbers) {
    throw shape_error("network", layer.name + "." + std::string(f.name), "[" + std::to_string(spec.values.size()) + "]",
                      "[" + std::to_string(numbers) + "], one for each " +
                          (spec.per == parameter_sharing::channel ? "channel" : "neuron"));
  }
}

/// How many numbers a parameter has.
std::size_t columns_of(parameter_sharing per, const layer_spec& layer) {
  switch (per) {
    case parameter_sharing::layer:
      return 1;
    case parameter_sharing::channel:
      return layer.channels == 0 ? layer.size : layer.channels;
    case parameter_sharing::neuron:
      break;
  }
  return layer.size;
}

void check_surrogate(const layer_spec& layer) {
  const surrogate_spec& s = layer.surrogate;
  for (const auto& [key, value] : {std::pair("width", s.width), std::pair("height", s.height)}) {
    if (!(value >= least_surrogate && value <= most_surrogate)) {
      throw value_error("network", layer.name + ".surrogate." + key, short_number(value),
                        short_number(least_surrogate) + " to " + short_number(most_surrogate));
    }
  }
}

/// The parameters of one neuron, as far as they are given: those that are drawn are at their typical value.
std::vector<double> parameters_of(const population& p, std::size_t neuron) {
  std::vector<double> values;
  for (std::size_t i = 0; i < p.cell->parameters.size(); ++i) {
    const cell_parameter_spec& spec = p.spec.parameters.at(std::string(p.cell->parameters[i].name));
    values.push_back(spec.values.empty() ? spec.value : spec.values[p.column_of(i, neuron)]);
  }
  return values;
}

void check_growth_of(const population& p, std::size_t neuron, bool alike, double dt) {
  const std::vector<double> values = parameters_of(p, neuron);
  const double growth = growth_per_step(*p.cell, values, dt);
  if (!(growth <= most_growth)) {
    std::string shown;
    for (std::size_t i = 0; i < values.size(); ++i) {
      shown += (shown.empty() ? "" : ", ") + std::string(p.cell->parameters[i].name) + " = " + short_number(values[i]);
    }
    throw value_error("network", p.spec.name + ".cell",
                      p.spec.cell + " with " + shown + (alike ? "" : " (neuron " + std::to_string(neuron) + ")"),
                      "parameters and a dt with which the membrane does not grow by itself; in steps of " +
                          short_number(dt) + " ms it grows " + short_number(growth) + " times in each of them");
  }
}

/// What grows by itself is infinite after enough steps, whatever comes in.
void check_growth(const population& p, double dt) {
  const bool alike =
      std::ranges::none_of(p.spec.parameters, [](const auto& named) { return !named.second.values.empty(); });
  for (std::size_t neuron = 0; neuron < (alike ? 1 : p.units); ++neuron) {
    check_growth_of(p, neuron, alike, dt);
  }
}

void check_delays(const layer_spec& layer) {
  if (const auto problem = find_delay_problem(layer)) {
    throw value_error("network", layer.name + "." + problem->key, problem->shown, problem->accepted);
  }
}

void check_layer(const layer_spec& layer, const cell_info& cell, bool last) {
  if (layer.size == 0) {
    throw value_error("network", layer.name + ".size", "0", "at least 1 neuron");
  }
  if (layer.channels != 0 && layer.size % layer.channels != 0) {
    throw value_error("network", layer.name + ".channels", std::to_string(layer.channels),
                      "a divisor of its " + std::to_string(layer.size) + " neurons, or 0");
  }
  if (!cell.spiking && !last) {
    throw value_error("network", layer.name + ".cell", layer.cell, "a spiking cell, except in the last layer");
  }
  if (!cell.spiking && layer.recurrent) {
    throw value_error("network", layer.name + ".recurrent", "true", "false: an analog cell emits no spikes");
  }
  check_delays(layer);
  check_surrogate(layer);
  if (!(layer.init_sigma >= 0.0 && layer.init_sigma <= most_init_sigma)) {
    throw value_error("network", layer.name + ".init_sigma", short_number(layer.init_sigma),
                      "0 to " + short_number(most_init_sigma));
  }
  for (const auto& [name, unused] : layer.parameters) {
    bool known = false;
    for (const field& f : cell.parameters) {
      known = known || f.name == name;
    }
    if (!known) {
      throw value_error("network", layer.name + "." + name, name, "a parameter of the cell " + layer.cell);
    }
  }
}

}  // namespace

std::string default_layer_name(std::size_t index, std::size_t count) {
  return index + 1 == count ? "readout" : "hidden" + std::to_string(index + 1);
}

void name_layers(std::vector<layer_spec>& layers) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name.empty()) {
      layers[i].name = default_layer_name(i, layers.size());
    }
  }
}

network::network(network_spec spec) : spec_(std::move(spec)) {
  if (spec_.inputs == 0) {
    throw value_error("network", "inputs", "0", "at least 1 input channel");
  }
  if (!(spec_.dt >= least_dt && spec_.dt <= most_dt)) {
    throw value_error("network", "dt", short_number(spec_.dt) + " ms",
                      "a positive step, " + short_number(least_dt) + " to " + short_number(most_dt) + " ms");
  }
  if (spec_.layers.empty()) {
    throw value_error("network", "layers", "none", "at least one layer");
  }
  name_layers(spec_.layers);
  for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
    add_layer(spec_.layers[i], i);
  }
  for (connection& c : connections_) {  // after all the others, whose places they leave as they are
    add_delays(c);
  }
}

void network::add_delays(connection& c) {
  const delay_spec& late = c.late;
  if (late.max == 0) {
    return;
  }
  const std::string& weight = layout_[c.weight].name;
  const std::string name = weight.substr(0, weight.size() - std::string_view("weight").size()) + "delay";
  const std::size_t targets = populations_[c.target].units;
  const shape all = late.per == delay_sharing::synapse  ? shape{{c.source_units, targets}}
                    : late.per == delay_sharing::source ? shape{{c.source_units}}
                                                        : shape{{targets}};
  const double top = late.max;
  c.delay_parameter = layout_.add(name, all, "steps", 0.0, top, late.learn);
  if (late.kernel == delay_kernel::gaussian) {
    const double widest = std::max({top, late.width.from, late.width.to});
    c.kernel_width_parameter =
        layout_.add(name + "_width", late.width.learn ? all : shape{{1}}, "steps", least_delay_width, widest,
                    late.width.learn, parameter_transform::clamp, true);
  }
}

void network::add_layer(layer_spec layer, std::size_t index) {
  for (const population& other : populations_) {
    if (other.spec.name == layer.name) {
      throw value_error("network", "name of layer " + std::to_string(index), layer.name, "a name of its own");
    }
  }
  const cell_info& cell = find_cell(layer.cell);
  check_layer(layer, cell, index + 1 == spec_.layers.size());
  check_activity(layer, cell, spec_.dt);
  const std::size_t units = layer.size;
  const std::size_t source_units = index == 0 ? spec_.inputs : populations_.back().units;
  const auto weights = [&](const std::string& suffix, std::size_t rows) {
    return layout_.add(layer.name + suffix, {{rows, units}}, "", -unbounded, unbounded, true);
  };
  if (layer.init == weight_init::identity && source_units != units) {
    throw value_error("network", layer.name + ".init", "identity",
                      "auto or fluctuation: " + std::to_string(source_units) + " neurons before it and " +
                          std::to_string(units) + " of its own have no numbering in common");
  }
  const std::size_t weight = weights(".weight", source_units);
  const std::size_t bias =
      layer.bias ? layout_.add(layer.name + ".bias", {{units}}, "", -unbounded, unbounded, true) : no_parameter;
  connections_.push_back({index == 0 ? network_input : index - 1, index, source_units, 0, weight, bias, layer.delay});
  if (layer.recurrent) {
    connections_.push_back(
        {index, index, units, 1, weights(".recurrent.weight", units), no_parameter, layer.recurrent_delay});
  }
  population p{layer, &cell, units, padded(units), {}, {}, false};
  for (const field& f : cell.parameters) {
    const auto given = layer.parameters.find(std::string(f.name));
    const cell_parameter_spec spec =
        with_range(given == layer.parameters.end() ? default_parameter(f) : given->second, f);
    check_parameter(f, layer.name, spec);
    p.learns_constants = p.learns_constants || spec.learn;
    p.columns.push_back(columns_of(spec.per, layer));
    check_count(f, layer, spec, p.columns.back());
    p.parameters.push_back(layout_.add(layer.name + "." + std::string(f.name), {{p.columns.back()}},
                                       std::string(f.unit), spec.low, spec.high, spec.learn, spec.transform));
    p.spec.parameters[std::string(f.name)] = spec;
  }
  check_growth(p, spec_.dt);
  components_.push_back({{index}, layer.recurrent});
  populations_.push_back(std::move(p));
}

}  // namespace backspike
