// Plans a network: checks the layers and connections, lays out their parameters, and finds the order in which they run.

#include <backspike/network/network.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"
#include "network/activity_check.hpp"
#include "network/connection_check.hpp"
#include "network/delay_check.hpp"
#include "network/graph.hpp"
#include "network/growth.hpp"
#include "network/parameter_check.hpp"
#include "network/plasticity.hpp"
#include "network/pools/max_pool.hpp"
#include "network/shapes.hpp"

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
      return !layer.shape.empty() ? layer.shape.front() : layer.channels == 0 ? layer.size : layer.channels;
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

/// Who is dropped together: neurons that have channels, each its own or those of a place.
struct dropped_neurons {
  std::size_t neurons, channels;
  const grid_shape* shape;
};

void check_dropped_together(parameter_sharing per, const dropped_neurons& of, const std::string& where) {
  const bool has_channels = of.channels != 0 || !of.shape->empty();
  if (per == parameter_sharing::layer || (per == parameter_sharing::channel && !has_channels)) {
    throw value_error("network", where + "dropout_per", std::string(name_of(per)),
                      has_channels ? "neuron or channel"
                                   : "neuron: the " + std::to_string(of.neurons) +
                                         " neurons that send have no shape [channels, ...], and no channels");
  }
}

void check_draws(const layer_spec& layer) {
  if (!(layer.dropout >= 0.0 && layer.dropout < 1.0)) {
    throw value_error("network", layer.name + ".dropout", short_number(layer.dropout), "0 to 1 exclusive");
  }
  check_dropped_together(layer.dropout_per, {layer.size, layer.channels, &layer.shape}, layer.name + ".");
  if (!(layer.noise >= 0.0 && layer.noise <= most_noise)) {
    throw value_error("network", layer.name + ".noise", short_number(layer.noise), "0 to " + short_number(most_noise));
  }
}

/// The refractory period in whole steps.
double refractory_steps(const layer_spec& layer, const cell_info& cell, double dt) {
  const double steps = std::round(layer.refractory / dt);
  if (layer.refractory != 0.0 && cell.refractory == nullptr) {
    throw value_error("network", layer.name + ".refractory", short_number(layer.refractory) + " ms",
                      "0: neurons of " + layer.cell + " do not spike");
  }
  if (layer.refractory != 0.0 && !(steps >= 1.0 && steps <= most_refractory)) {
    throw value_error("network", layer.name + ".refractory", short_number(layer.refractory) + " ms",
                      "0, or 1 to " + std::to_string(most_refractory) + " steps of " + short_number(dt) + " ms");
  }
  return steps;
}

void check_layer(const layer_spec& layer, const cell_info& cell) {
  if (layer.size == 0) {
    throw value_error("network", layer.name + ".size", "0", "at least 1 neuron");
  }
  if (layer.channels != 0 && layer.size % layer.channels != 0) {
    throw value_error("network", layer.name + ".channels", std::to_string(layer.channels),
                      "a divisor of its " + std::to_string(layer.size) + " neurons, or 0");
  }
  if (layer.channels != 0 && !layer.shape.empty() && layer.channels != layer.shape.front()) {
    throw value_error("network", layer.name + ".channels", std::to_string(layer.channels),
                      "0, or those of its shape " + text_of(layer.shape));
  }
  check_delays(layer);
  check_surrogate(layer);
  check_draws(layer);
  find_receptor(cell, layer.receptor, layer.name + ".receptor");
  find_receptor(cell, layer.recurrent_receptor, layer.name + ".recurrent_receptor");
  if (layer.recurrent_receptor && !layer.recurrent) {
    throw value_error("network", layer.name + ".recurrent_receptor", *layer.recurrent_receptor,
                      "no receptor: the layer is not recurrent");
  }
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

void check_read(const population& p, output_read read, const std::string& where) {
  if (read == output_read::membrane && !p.cell->spiking) {
    throw value_error("network", where + "read", std::string(name_of(read)),
                      "output: the value of " + std::string(p.cell->name) + " is what it would read");
  }
}

/// What connections may call the data.
std::string inputs_of(const network_spec& spec) {
  std::string names = input_name;
  for (const input_part& part : spec.parts) {
    names += ", " + part.name;
  }
  return names;
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
  name_layers(spec_.layers);
  work_out_shapes(spec_);
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
  check_parts();
  set_pool_neurons(spec_);
  const std::vector<layer_spec> layers = with_plasticity(spec_);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    add_population(layers[i], i);
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    add_incoming(layers[i], i);
    add_cell_parameters(populations_[i]);
    check_growth(populations_[i], spec_.dt);
  }
  for (std::size_t k = 0; k < spec_.connections.size(); ++k) {
    add_named(spec_.connections[k], k);
  }
  for (connection& c : connections_) {  // after all the others, whose places they leave as they are
    add_delays(c);
  }
  order_populations();
  order_inputs();
  note_draws();
  add_outputs();
}

void network::add_outputs() {
  std::vector<network_output_spec> wanted = spec_.outputs;
  if (wanted.empty()) {
    wanted.push_back({populations_.back().spec.name, "", ""});
  }
  std::size_t first = 0;
  for (const network_output_spec& o : wanted) {
    const std::string where = "output." + std::to_string(output_list_.size()) + ".";
    const std::size_t q = find_population(o.from, where + "from");
    const std::string& name = o.name.empty() ? o.from : o.name;
    if (std::ranges::find(output_list_, name, &network_output::name) != output_list_.end()) {
      throw value_error("network", where + "name", name, "a name that no other output has");
    }
    const bool membrane = o.read == output_read::membrane;
    check_read(populations_[q], o.read, where);
    populations_[q].is_output = true;
    populations_[q].shows_membrane = populations_[q].shows_membrane || membrane;
    output_list_.push_back({name, q, populations_[q].units, first, o.classes_from.empty() ? o.target : name, membrane});
    first += populations_[q].units;
  }
}

void network::add_population(const layer_spec& layer, std::size_t index) {
  for (const population& other : populations_) {
    if (other.spec.name == layer.name) {
      throw value_error("network", "name of layer " + std::to_string(index), layer.name, "a name of its own");
    }
  }
  if (layer.name == input_name && (!spec_.connections.empty() || layer.from)) {
    throw value_error("network", "name of layer " + std::to_string(index), layer.name,
                      "another name: connections call the data so");
  }
  const cell_info& cell = find_cell(layer.cell);
  check_layer(layer, cell);
  check_activity(layer, cell, spec_.dt);
  const double refractory = refractory_steps(layer, cell, spec_.dt);
  populations_.push_back({layer,
                          refractory > 0.0 ? cell.refractory : &cell,
                          layer.size,
                          padded(layer.size),
                          {},
                          {},
                          false,
                          no_parameter,
                          {}});
  populations_.back().refractory = refractory;
  populations_.back().first_inlet = inlets_.size();
  for (std::size_t r = 0; r < cell.inputs(); ++r) {
    inlets_.push_back({index, r});
  }
}

/// The parts of the input: names of their own, and all channels between them.
void network::check_parts() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < spec_.parts.size(); ++i) {
    const auto& [name, size] = spec_.parts[i];
    const std::string where = "input." + std::to_string(i);
    if (name.empty() || name == input_name || std::ranges::count(spec_.parts, name, &input_part::name) > 1 ||
        std::ranges::count(spec_.layers, name, &layer_spec::name) > 0) {
      throw value_error("network", where + ".name", name.empty() ? "empty" : name,
                        "a name that neither a layer nor another part of the input has");
    }
    if (size == 0) {
      throw value_error("network", where + ".size", "0", "at least 1 channel");
    }
    sum += size;
  }
  if (!spec_.parts.empty() && sum != spec_.inputs) {
    throw shape_error("network", "input",
                      std::to_string(sum) + " channels in " + std::to_string(spec_.parts.size()) + " parts",
                      std::to_string(spec_.inputs) + ", those of the data");
  }
}

connection_source network::find_source(const std::string& name, const std::string& where) const {
  if (name == input_name) {
    return all_of_input();
  }
  std::size_t first = 0;
  for (const input_part& part : spec_.parts) {
    if (part.name == name) {
      return {network_input, first, part.size, true};
    }
    first += part.size;
  }
  return all_of(find_population(name, where, ", or " + inputs_of(spec_)));
}

std::size_t network::find_population(const std::string& name, const std::string& where,
                                     const std::string& others) const {
  std::string known;
  for (std::size_t q = 0; q < populations_.size(); ++q) {
    if (populations_[q].spec.name == name) {
      return q;
    }
    known += (known.empty() ? "" : ", ") + populations_[q].spec.name;
  }
  throw value_error("network", where, name, "the name of a layer: " + known + others);
}

/// The connections that a layer brings, and its bias.
void network::add_incoming(const layer_spec& layer, std::size_t index) {
  std::vector<connection_source> sources;
  for (const std::string& name : layer.from.value_or(std::vector<std::string>{})) {
    sources.push_back(find_source(name, layer.name + ".from"));
  }
  if (!layer.from) {
    sources.push_back(index == 0 ? all_of_input() : all_of(index - 1));
  }
  connection_spec spec;
  spec.kind = layer.kind;
  spec.settings = layer.settings;
  spec.init = layer.init;
  spec.delay = layer.delay;
  spec.receptor = layer.receptor;
  spec.transform = layer.transform;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    spec.name = sources.size() == 1 ? layer.name : layer.name + "." + (*layer.from)[i];
    add_connection(spec, sources[i], index, sources[i].population == index, own_settings_name(layer));
  }
  if (layer.bias) {
    const bool shared = find_connection(layer.kind).shares_weights;
    const auto per = layer.bias_per.value_or(shared ? parameter_sharing::channel : parameter_sharing::neuron);
    populations_[index].bias_columns = columns_of(per, layer);
    populations_[index].bias =
        layout_.add(layer.name + ".bias", {{populations_[index].bias_columns}}, "", -unbounded, unbounded, true);
  }
  if (layer.recurrent) {
    connection_spec loop;
    loop.name = layer.name + ".recurrent";
    loop.delay = layer.recurrent_delay;
    loop.receptor = layer.recurrent_receptor;
    add_connection(loop, all_of(index), index, true, loop.name + ".");
  }
}

void network::add_named(const connection_spec& given, std::size_t number) {
  const std::string list = "connection." + std::to_string(number);
  connection_spec spec = given;
  connection_source source = find_source(spec.from, list + ".from");
  const std::size_t target = find_population(spec.to, list + ".to");
  const bool loop = source.population == target;
  spec.name = spec.name.empty() ? spec.to + "." + spec.from : spec.name;
  if (spec.short_term_plasticity) {
    const std::size_t between = find_population(plasticity_name(spec), list + ".name");
    add_connection(relay_of(spec), source, between, false, list + ".");
    source = all_of(between);
  }
  add_connection(spec, source, target, loop, list + ".");
}

/// `loop`: it leads back to where it comes from, perhaps by way of its plasticity; `where`: how messages begin the
/// names of its settings.
void network::add_connection(const connection_spec& spec, const connection_source& from, std::size_t target, bool loop,
                             const std::string& where) {
  connection c{spec.name, from.population, target, from.units, spec.base_delay.value_or(loop ? 1 : 0), no_parameter};
  c.of_part = from.is_part;
  c.first_source = from.first;
  has_parts_ = has_parts_ || from.is_part;
  c.late = spec.delay;
  c.info = &find_connection(spec.kind);
  c.init = spec.init;
  c.init_sigma = spec.init_sigma.value_or(populations_[target].spec.init_sigma);
  c.sign = spec.sign;
  c.index = connections_.size();
  c.dropout = spec.dropout;
  check_connection(spec, where);
  if (c.info->sets_neurons && !c.comes_from_input() && !populations_[c.source].cell->spiking) {
    throw value_error("network", where + "kind", spec.kind + " from " + populations_[c.source].spec.name,
                      "a layer that spikes before it; average_pool is for values");
  }
  c.receptor = find_receptor(*populations_[target].cell, spec.receptor, where + "receptor");
  c.inlet = populations_[target].first_inlet + c.receptor;
  const grid_shape of_source = c.of_part              ? grid_shape{}
                               : c.comes_from_input() ? spec_.input_shape
                                                      : populations_[c.source].spec.shape;
  c.synapses = planned_synapses(
      *c.info, spec, {from.units, populations_[target].units, loop, of_source, populations_[target].spec.shape}, where);
  const std::size_t grouped = c.comes_from_input() ? 0 : populations_[c.source].spec.channels;
  check_dropped_together(spec.dropout_per, {c.source_units, grouped, &of_source}, where);
  c.drops_channels = spec.dropout_per == parameter_sharing::channel;
  const weight_extents e = c.info->weights(c.synapses);
  check_transform(spec, *c.info, e, where);
  if (std::ranges::any_of(connections_, [&](const connection& other) { return other.name == c.name; })) {
    throw value_error("network", where + "name", c.name, "a name that no other connection has");
  }
  c.weight =
      layout_.add(c.name + ".weight", {{e.rows, e.columns}}, "", c.sign == weight_sign::excitatory ? 0.0 : -unbounded,
                  c.sign == weight_sign::inhibitory ? 0.0 : unbounded, spec.learn && !c.info->fixed);
  if (spec.transform == weight_transform::standardise) {
    layout_.standardise(c.weight);
  }
  connections_.push_back(std::move(c));
}

void network::add_delays(connection& c) {
  const delay_spec& late = c.late;
  if (late.max == 0) {
    return;
  }
  const std::size_t targets = populations_[c.target].units;
  const shape all = late.per == delay_sharing::synapse  ? layout_[c.weight].extents
                    : late.per == delay_sharing::source ? shape{{c.source_units}}
                                                        : shape{{targets}};
  const double top = late.max;
  c.delay_parameter = layout_.add(c.name + ".delay", all, "steps", 0.0, top, late.learn);
  if (late.kernel == delay_kernel::gaussian) {
    const double widest = std::max({top, late.width.from, late.width.to});
    c.kernel_width_parameter =
        layout_.add(c.name + ".delay_width", late.width.learn ? all : shape{{1}}, "steps", least_delay_width, widest,
                    late.width.learn, parameter_transform::clamp, true);
  }
}

void network::add_cell_parameters(population& p) {
  for (const field& f : p.cell->parameters) {
    const auto given = p.spec.parameters.find(std::string(f.name));
    const cell_parameter_spec spec =
        with_range(given == p.spec.parameters.end() ? default_parameter(f) : given->second, f);
    check_parameter(f, p.spec.name, spec);
    p.learns_constants = p.learns_constants || spec.learn;
    p.columns.push_back(columns_of(spec.per, p.spec));
    check_count(f, p.spec, spec, p.columns.back());
    p.parameters.push_back(layout_.add(p.spec.name + "." + std::string(f.name), {{p.columns.back()}},
                                       std::string(f.unit), spec.low, spec.high, spec.learn, spec.transform));
    p.spec.parameters[std::string(f.name)] = spec;
  }
}

void network::order_populations() {
  std::vector<graph_edge> edges;
  for (const connection& c : connections_) {
    if (!c.comes_from_input()) {
      edges.push_back({c.source, c.target, c.base_delay > 0});
    }
  }
  std::string path;
  for (const std::size_t q : loop_without_delay(populations_.size(), edges)) {
    path += (path.empty() ? "" : " -> ") + populations_[q].spec.name;
  }
  if (!path.empty()) {
    throw value_error("network", "loop", path, "a loop with a connection that takes at least one step: base_delay = 1");
  }
  for (std::vector<std::size_t>& group : ordered_groups(populations_.size(), edges)) {
    for (const std::size_t q : group) {
      populations_[q].component = components_.size();
      order_.push_back(q);
    }
    components_.push_back({std::move(group), false});
  }
}

/// Marks what runs within a component, and sorts what each population receives.
void network::order_inputs() {
  for (std::size_t k = 0; k < connections_.size(); ++k) {
    connection& c = connections_[k];
    const std::size_t here = populations_[c.target].component;
    c.inner = !c.comes_from_input() && populations_[c.source].component == here;
    components_[here].recurrent = components_[here].recurrent || c.inner;
    populations_[c.target].inputs.push_back(k);
    if (!c.comes_from_input()) {
      populations_[c.source].sends = true;
    }
  }
  for (population& p : populations_) {
    std::ranges::stable_sort(p.inputs, {}, [&](std::size_t k) {
      return connections_[k].comes_from_input() ? 0 : connections_[k].inner ? 2 : 1;
    });
  }
  find_openings();
}

/// The first connection of each inlet.
void network::find_openings() {
  std::vector<bool> begun(inlets_.size(), false);
  for (const population& p : populations_) {
    for (const std::size_t k : p.inputs) {
      connection& c = connections_[k];
      c.opens = !begun[c.inlet] && !c.inner;
      begun[c.inlet] = true;
    }
  }
}

/// Who is subject to dropout, and whether anybody gets noise.
void network::note_draws() {
  for (connection& c : connections_) {
    c.masked = c.dropout > 0.0 || (!c.comes_from_input() && populations_[c.source].spec.dropout > 0.0);
    has_dropout_ = has_dropout_ || c.masked;
    if (c.masked && !c.comes_from_input()) {
      populations_[c.source].masked = true;
    }
  }
  for (const population& p : populations_) {
    has_noise_ = has_noise_ || p.spec.noise > 0.0;
    if (p.spec.dropout > 0.0 && !p.sends) {
      throw value_error("network", p.spec.name + ".dropout", short_number(p.spec.dropout),
                        "0: no connection leads from this layer, and dropout acts on what is sent");
    }
  }
}

bool gives_spikes(const network& net, const network_output& o) {
  return net.populations()[o.population].cell->spiking && !o.membrane;
}

std::string source_name(const network& net, const connection& c) {
  if (!c.comes_from_input()) {
    return net.populations()[c.source].spec.name;
  }
  std::size_t first = 0;
  for (const input_part& part : net.spec().parts) {
    if (c.of_part && first == c.first_source) {
      return part.name;
    }
    first += part.size;
  }
  return input_name;
}

std::size_t synapse_count(const connection& c) {
  std::size_t count = 0;
  each_synapse(c, [&](std::uint32_t, const synapse&) { ++count; });
  return count;
}

}  // namespace backspike
