#pragma once
// Random graphs for property tests: skip connections, loops over several populations, analog populations inside, kinds
// of connection, delays, signs, frozen weights, refractory periods, short-term plasticity, dropout, noise and parts of
// the input. Every choice has a random stream of its own, so that a new choice changes none of the others.

#include "gradient/random_graph.hpp"

#include <backspike/connection/connection_info.hpp>
#include <backspike/core/error.hpp>

#include <optional>
#include <string>
#include <vector>

namespace backspike::testing {

/// Where the choices of one graph come from.
class graph_choices {
 public:
  explicit graph_choices(std::uint64_t seed) : seed_(seed) {}
  /// A number below `bound` for choice `topic` about part `part`.
  std::uint32_t below(std::uint32_t bound, std::uint32_t topic, std::size_t part = 0) const {
    return random_stream(seed_, random_purpose::test, 100000 + topic * 1000 + part).below(bound);
  }
  bool one_in(std::uint32_t n, std::uint32_t topic, std::size_t part = 0) const { return below(n, topic, part) == 0; }

 private:
  std::uint64_t seed_;
};

/// One of the receptors of the cell that a connection leads to; where there is one only, it has no name.
inline std::optional<std::string> choose_receptor(const graph_choices& choose, const std::string& cell,
                                                  std::uint32_t topic, std::size_t part) {
  const auto receptors = find_cell(cell).receptors;
  if (receptors.empty() || choose.one_in(4, topic, part)) {
    return std::nullopt;
  }
  return std::string(receptors[choose.below(static_cast<std::uint32_t>(receptors.size()), topic + 1, part)].name);
}

/// What a graph may have; rules differ in what they take.
struct graph_limits {
  bool analog = true;        // populations of analog cells inside
  bool delays = true;        // that connections have beyond their fixed one
  bool late_readout = true;  // fixed delays into the readout
  bool frozen = true;        // weights that are not learned
  bool dropout = true;       // of layers and connections
  bool noise = true;
  bool one_low_pass = false;  // outputs that are analog have the same parameters, which are not learned
  bool membranes = true;      // that are read of outputs that spike
};

/// A population inside a graph.
inline layer_spec graph_layer(const graph_choices& choose, std::size_t index, const graph_limits& limits) {
  std::vector<std::string> cells = spiking_cells(choose.one_in(3, 98, index));
  if (limits.analog && index > 0 && choose.one_in(3, 1, index)) {
    cells = {"leaky_integrator", "double_exponential"};
  }
  const std::string cell = cells[choose.below(static_cast<std::uint32_t>(cells.size()), 2, index)];
  layer_spec layer = quick_layer(cell, 2 + choose.below(7, 3, index), choose.one_in(2, 4, index));
  const auto surrogates = all_of<surrogate_kind>();
  layer.surrogate = {surrogates[choose.below(static_cast<std::uint32_t>(surrogates.size()), 5, index)],
                     0.4 + 0.1 * choose.below(10, 6, index), 0.5 + 0.1 * choose.below(10, 7, index)};
  layer.reset = static_cast<reset_kind>(choose.below(3, 8, index));
  layer.detach_reset = choose.one_in(2, 9, index);
  layer.bias = choose.one_in(2, 10, index);
  layer.recurrent = find_cell(cell).spiking && choose.one_in(3, 11, index);
  layer.receptor = choose_receptor(choose, cell, 92, index);
  if (layer.recurrent) {
    layer.recurrent_receptor = choose_receptor(choose, cell, 94, index);
  }
  if (find_cell(cell).spiking && choose.one_in(3, 12, index)) {
    layer.refractory = 1.0 + choose.below(3, 13, index);
  }
  return layer;
}

/// Half of the graphs call some of their input channels by a name.
inline void choose_parts(const graph_choices& choose, network_spec& spec) {
  if (spec.inputs > 1 && choose.one_in(2, 80)) {
    const std::uint32_t left = 1 + choose.below(spec.inputs - 1, 81);
    spec.parts = {{"left", left}, {"right", spec.inputs - left}};
  }
}

/// The input, or a part of it.
inline input_part choose_input(const graph_choices& choose, const network_spec& spec, std::size_t part) {
  const std::uint32_t k = choose.below(3, 82, part);
  return k < spec.parts.size() ? spec.parts[k] : input_part{input_name, spec.inputs};
}

/// Names of earlier layers or of the input, for a layer that takes others than the one before.
inline void choose_sources(const graph_choices& choose, network_spec& spec, std::size_t index) {
  if (index == 0 || !choose.one_in(2, 20, index)) {
    return;
  }
  std::vector<std::string> from;
  for (std::size_t k = 0; k < index; ++k) {
    if (choose.one_in(2, 21, 10 * index + k)) {
      from.push_back(default_layer_name(k, spec.layers.size()));
    }
  }
  if (from.empty() || choose.one_in(3, 22, index)) {
    from.push_back(choose_input(choose, spec, 100 + index).name);
  }
  spec.layers[index].from = from;
}

inline delay_spec graph_delay(const graph_choices& choose, std::size_t part) {
  delay_spec d;
  d.per = static_cast<delay_sharing>(choose.below(3, 30, part));
  d.kernel = choose.one_in(4, 31, part) ? delay_kernel::linear : delay_kernel::gaussian;
  d.max = 1 + choose.below(9, 32, part);
  d.width.learn = choose.one_in(2, 33, part);
  d.width.from = 0.23 + 0.19 * choose.below(10, 34, part);  // whose windows end between steps
  return d;
}

/// Settings of a kind, and one that fits the sizes.
inline void choose_kind(const graph_choices& choose, connection_spec& c, std::uint32_t sources, std::uint32_t targets,
                        std::size_t part) {
  std::vector<connection_info> kinds;
  std::ranges::copy_if(known_connections(), std::back_inserter(kinds), [](const auto& k) { return !k.sets_neurons; });
  c.kind = kinds[choose.below(static_cast<std::uint32_t>(kinds.size()), 40, part)].name;
  if (c.kind == "one_to_one" && sources != targets) {
    c.kind = "dense";
  }
  const connection_info& kind = find_connection(c.kind);
  if (kind.has_patches && (kind.fixed ? targets != sources : targets % sources != 0)) {
    c.kind = "dense";
  } else if (kind.has_patches) {  // of one row of neurons, to as many of each of its channels
    for (const field& f : kind.fields) {
      const bool along = f.name == "width" || f.name == "length", one = f.name == "height" || f.name == "padding";
      c.settings[std::string(f.name)] = along                                       ? static_cast<double>(sources)
                                        : f.name == "kernel"                        ? 3.0
                                        : one || (kind.fixed && f.name == "stride") ? 1.0
                                                                                    : f.initial;
    }
  }
  if (c.kind == "sparse") {
    c.settings["density"] = 0.5;
    c.settings["seed"] = static_cast<double>(1 + choose.below(1000, 41, part));
    c.settings["autapses"] = choose.below(2, 42, part);
  }
}

/// Windows do not fit between all shapes that other windows have led to.
inline bool can_be(const network_spec& spec) {
  try {
    const network planned(spec);
    return true;
  } catch (const value_error&) {
    return false;
  }
}

/// Dense where another kind cannot be, after sizes have changed, too.
inline void mend_kinds(network_spec& spec) {
  const std::vector<connection_spec> all = spec.connections;
  spec.connections.clear();
  for (const connection_spec& c : all) {
    spec.connections.push_back(c);
    if (!can_be(spec)) {
      spec.connections.back().kind = "dense";
      spec.connections.back().settings.clear();
    }
  }
}

/// All connections that lead from a part of the input lead from the whole of it.
inline void join_parts(network_spec& spec) {
  const auto whole = [&](const std::string& name) {
    return std::ranges::count(spec.parts, name, &input_part::name) > 0 ? std::string(input_name) : name;
  };
  for (layer_spec& layer : spec.layers) {
    for (std::size_t k = 0; layer.from && k < layer.from->size(); ++k) {
      (*layer.from)[k] = whole((*layer.from)[k]);
    }
  }
  for (connection_spec& c : spec.connections) {
    c.from = whole(c.from);
  }
  spec.parts.clear();
  mend_kinds(spec);
}

/// Connections from anywhere to any population, also two between the same two.
inline void add_connections(const graph_choices& choose, network_spec& spec, const graph_limits& limits) {
  const auto layers = static_cast<std::uint32_t>(spec.layers.size());
  const std::uint32_t count = 1 + choose.below(4, 50);
  for (std::uint32_t k = 0; k < count; ++k) {
    const std::uint32_t from = choose.below(layers + 1, 51, k);
    std::uint32_t to = choose.below(layers, 52, k);
    if (from != layers && from >= to && !find_cell(spec.layers[from].cell).spiking) {
      to = 0;  // a loop without spikes would grow for ever
    }
    connection_spec c;
    c.name = "extra" + std::to_string(k);
    const input_part input = choose_input(choose, spec, k);
    c.from = from == layers ? input.name : default_layer_name(from, layers);
    c.to = default_layer_name(to, layers);
    const bool back = from != layers && from >= to;
    const bool into_readout = to + 1 == layers && from != layers;
    c.base_delay = back                                   ? 1 + choose.below(3, 53, k)
                   : into_readout && !limits.late_readout ? 0
                                                          : choose.below(3, 53, k);
    choose_kind(choose, c, from == layers ? input.size : spec.layers[from].size, spec.layers[to].size, k);
    if (limits.delays && choose.one_in(3, 54, k)) {
      c.delay = graph_delay(choose, k);
    }
    c.learn = !limits.frozen || !choose.one_in(6, 55, k);
    const bool spikes = from == layers || find_cell(spec.layers[from].cell).spiking;
    if (limits.analog && spikes && choose.one_in(4, 57, k)) {
      c.short_term_plasticity = {0.2 + 0.1 * choose.below(7, 58, k),
                                 3.0 + choose.below(20, 59, k),
                                 2.0 + choose.below(10, 61, k),
                                 {"U", "tau_d", "tau_f"},
                                 static_cast<parameter_sharing>(choose.below(3, 62, k))};
    }
    c.receptor = choose_receptor(choose, spec.layers[to].cell, 96, k);
    c.sign = choose.one_in(5, 56, k) ? weight_sign::excitatory : weight_sign::any;
    spec.connections.push_back(c);
  }
  mend_kinds(spec);
}

/// Dropout of layers and connections, and noise, as an epoch of training draws them.
inline void choose_draws(const graph_choices& choose, trial_plan& plan, const graph_limits& limits) {
  const network before(plan.network);
  for (std::size_t k = 0; k < plan.network.layers.size(); ++k) {
    layer_spec& layer = plan.network.layers[k];
    const bool last = k + 1 == plan.network.layers.size();  // before it stand the populations of short-term plasticity
    if (limits.dropout && before.populations()[last ? before.output(0).population : k].sends &&
        choose.one_in(3, 70, k)) {
      layer.dropout = 0.1 * (1 + choose.below(6, 71, k));
    }
    if (limits.noise && choose.one_in(3, 72, k)) {
      layer.noise = 0.1 * (1 + choose.below(5, 73, k));
    }
  }
  for (std::size_t k = 0; k < plan.network.connections.size(); ++k) {
    if (limits.dropout && choose.one_in(3, 74, k)) {
      plan.network.connections[k].dropout = 0.1 * (1 + choose.below(6, 75, k));
    }
  }
  plan.draws = {choose.below(1000, 76), choose.below(50, 77), true};
}

/// A layer of its own, at the end, behind some of the others.
inline layer_spec second_readout(const graph_choices& choose, const trial_plan& plan) {
  layer_spec layer = quick_layer("leaky_integrator", 2 + choose.below(3, 83));
  layer.name = "second";
  layer.bias = choose.one_in(2, 84);
  layer.from.emplace();
  for (std::size_t k = 0; k + 1 < plan.network.layers.size(); ++k) {
    if (find_cell(plan.network.layers[k].cell).spiking && (layer.from->empty() || choose.one_in(2, 85, k))) {
      layer.from->push_back(plan.network.layers[k].name);
    }
  }
  return layer;
}

/// A loss for an output of these cells.
inline output_objective further_objective(std::uint64_t seed, bool spiking) {
  random_stream random(seed, random_purpose::test, 91);
  objective_spec drawn = random_objective(random);
  const auto needs_spikes = [](const loss_spec& l) {
    return takes_spike_trains(l.loss) || l.readout == readout_kind::first_spike;
  };
  while (needs_spikes(drawn) && !spiking) {
    drawn = random_objective(random);
  }
  drawn.weight *= 0.7;
  return drawn;
}

/// In half of the graphs a second output: a layer inside, which also feeds others, or one of its own.
inline void add_output(const graph_choices& choose, trial_plan& plan, std::uint64_t seed, const graph_limits& limits) {
  if (!choose.one_in(2, 80)) {
    return;
  }
  name_layers(plan.network.layers);
  const std::string readout = plan.network.layers.back().name;
  std::size_t at = choose.below(static_cast<std::uint32_t>(plan.network.layers.size()), 81);
  if (at + 1 == plan.network.layers.size()) {
    plan.network.layers.push_back(second_readout(choose, plan));
    at = plan.network.layers.size() - 1;
  }
  const layer_spec& second = plan.network.layers[at];
  plan.objective.others = {further_objective(seed, find_cell(second.cell).spiking)};
  plan.network.outputs = {{readout, "", ""}, {second.name, "", "other"}};
  if (choose.one_in(2, 82)) {
    std::swap(plan.network.outputs[0].from, plan.network.outputs[1].from);
    std::swap(static_cast<output_objective&>(plan.objective), plan.objective.others[0]);
  }
  for (layer_spec& layer : plan.network.layers) {
    if (limits.one_low_pass && layer.cell == "leaky_integrator") {
      layer.parameters["tau_m"] = cell_parameter_spec{8.0};
    }
  }
}

/// Of half of the outputs that spike the membrane is read, where the loss is not of spikes; of some beside their
/// spikes, as one more output.
inline void read_membranes(const graph_choices& choose, trial_plan& plan, std::uint64_t seed) {
  name_layers(plan.network.layers);
  const auto spikes = [&](const std::string& name) {
    return find_cell(std::ranges::find(plan.network.layers, name, &layer_spec::name)->cell).spiking;
  };
  if (plan.network.outputs.empty() && spikes(plan.network.layers.back().name)) {
    plan.network.outputs = {{plan.network.layers.back().name, "", ""}};
  }
  const std::size_t count = plan.network.outputs.size();
  for (std::size_t k = 0; k < count; ++k) {
    network_output_spec& o = plan.network.outputs[k];
    const output_objective& asked = plan.objective.of(k);
    const bool of_spikes = is_of_spikes(asked) ||
                           std::ranges::any_of(asked.terms, [](const loss_spec& term) { return is_of_spikes(term); });
    if (!spikes(o.from) || !choose.one_in(2, 86, k)) {
      continue;
    }
    if (!of_spikes && choose.one_in(2, 87, k)) {
      o.read = output_read::membrane;
    } else {
      const std::string name = "membrane" + std::to_string(k);
      std::uint64_t draw = seed + 100 + k;
      while (is_of_spikes(further_objective(draw, false))) {
        draw += 1000;
      }
      plan.objective.others.push_back(further_objective(draw, false));
      plan.network.outputs.push_back({o.from, name, name, {}, {}, output_read::membrane});
    }
  }
}

inline bool some_spike_reaches_a_synapse(const network_spec& spec) {
  const network net(spec);
  return std::ranges::any_of(net.populations(), [](const population& p) { return p.cell->spiking && p.sends; });
}

/// One to four populations and a readout, with everything that the limits let it have.
inline trial_plan graph_plan(std::uint64_t seed, const graph_limits& limits = {}) {
  const graph_choices choose(seed);
  trial_plan plan = random_plan(seed, 3, false);  // its objective, readout and samples
  const layer_spec readout = plan.network.layers.back();
  plan.network.layers.assign(2 + choose.below(4, 60), {});
  for (std::size_t k = 0; k + 1 < plan.network.layers.size(); ++k) {
    plan.network.layers[k] = graph_layer(choose, k, limits);
  }
  plan.network.layers.back() = readout;
  choose_parts(choose, plan.network);
  for (std::size_t k = 0; k < plan.network.layers.size(); ++k) {
    choose_sources(choose, plan.network, k);
  }
  add_connections(choose, plan.network, limits);
  add_output(choose, plan, seed, limits);
  if (limits.membranes) {
    read_membranes(choose, plan, seed);
  }
  choose_draws(choose, plan, limits);
  plan.gain = 2.5;
  if (!some_spike_reaches_a_synapse(plan.network)) {
    plan.objective.synaptic_operations.weight = 0.0;
  }
  return plan;
}

/// This loss for every output, with half of its weight for all but the first.
inline void ask_every_output(trial_plan& plan, const objective_spec& objective) {
  const std::size_t others = plan.objective.others.size();
  plan.objective = objective;
  plan.objective.others.assign(others, objective);
  for (output_objective& o : plan.objective.others) {
    o.weight *= 0.5;
  }
}

/// Any loss for each output, where only outputs are looked at.
inline objective_spec any_objective(const network& net) {
  objective_spec any;
  any.others.resize(net.output_list().size() - 1);
  return any;
}

/// What a graph has, for the tests to see that all of it was drawn.
struct graph_facts {
  std::size_t loops = 0, skips = 0, analog = 0, listed = 0, shared = 0, delayed = 0, late = 0, masked = 0, noisy = 0,
              parts = 0, refractory = 0, plastic = 0, to_second_receptors = 0;
  std::size_t two_outputs = 0, outputs_inside = 0, membranes = 0, membranes_and_spikes = 0;

  void add(const network& net) {
    for (const component& b : net.components()) {
      loops += b.populations.size() > 1 ? 1 : 0;
    }
    for (const population& p : net.populations()) {
      analog += !p.cell->spiking && p.sends ? 1 : 0;
      skips += p.inputs.size() > 1 ? 1 : 0;
      noisy += p.spec.noise > 0.0 ? 1 : 0;
      refractory += p.refractory > 0.0 ? 1 : 0;
      plastic += p.cell->name == "tsodyks_markram" ? 1 : 0;
      outputs_inside += p.is_output && p.sends ? 1 : 0;
    }
    two_outputs += net.output_list().size() > 1 ? 1 : 0;
    for (const network_output& o : net.output_list()) {
      membranes += o.membrane ? 1 : 0;
      membranes_and_spikes += gives_spikes(net, o) && net.populations()[o.population].shows_membrane ? 1 : 0;
    }
    for (const connection& c : net.connections()) {
      listed += c.is_matrix() ? 0 : 1;
      shared += c.info->shares_weights ? 1 : 0;
      delayed += c.has_delays() ? 1 : 0;
      masked += c.masked ? 1 : 0;
      parts += c.of_part ? 1 : 0;
      late += !c.inner && c.base_delay > 0 ? 1 : 0;
      to_second_receptors += c.receptor > 0 ? 1 : 0;
    }
  }
};

}  // namespace backspike::testing
