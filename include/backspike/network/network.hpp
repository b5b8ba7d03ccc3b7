#pragma once
// The network planned: populations, connections, the order of execution and where every parameter lies.

#include <backspike/cell/cell_info.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/connection/connections.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/network/network_spec.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace backspike {

inline constexpr std::size_t network_input = static_cast<std::size_t>(-1);  // a connection's source: the input
inline constexpr std::size_t no_parameter = static_cast<std::size_t>(-1);

struct population {
  layer_spec spec;
  const cell_info* cell;
  std::size_t units;                    // neurons
  std::size_t padded_units;             // units padded to whole lanes
  std::vector<std::size_t> parameters;  // index in the layout, in the order of the cell's fields
  std::vector<std::size_t> columns;     // numbers of each: 1, one for each channel or one for each neuron
  bool learns_constants;                // at least one cell parameter is learned
  std::size_t bias = no_parameter;      // parameter [units] or no_parameter
  std::vector<std::size_t> inputs;  // connections that lead to it, in the order in which currents add up: those from
                                    // the network's input, from other components, from its own component
  std::size_t component = 0;        // that it belongs to
  bool sends = false;               // a connection leads from it
  bool masked = false;              // what it sends over some connection is subject to dropout
  double refractory = 0.0;          // [steps], whole; `cell` is then the one with a refractory period
  bool is_output = false;           // an objective reads it
  bool shows_membrane = false;      // and reads the membrane, perhaps beside its spikes
  std::size_t bias_columns = 0;     // numbers of the bias: as those of a cell parameter
  std::size_t first_inlet = 0;      // of its inlets, one for each receptor; the first has the bias and the noise

  std::size_t inlets() const { return cell->inputs(); }

  /// Where in a parameter, by the order of the cell's fields, a neuron finds its number.
  std::size_t column_of(std::size_t parameter, std::size_t neuron) const {
    return column_of_sharing(columns[parameter], neuron);
  }
  std::size_t column_of_bias(std::size_t neuron) const { return column_of_sharing(bias_columns, neuron); }

 private:
  /// Columns divide the neurons: with a shape the channels of a place are neighbours, else neighbours share.
  std::size_t column_of_sharing(std::size_t count, std::size_t neuron) const {
    return spec.shape.empty() ? neuron / (units / count) : neuron % count;
  }
};

/// A sum that the neurons of a population receive: that of one receptor.
struct inlet {
  std::size_t population, receptor;
};

/// Where a connection comes from: a population, or all or some of the channels of the input.
struct connection_source {
  std::size_t population = network_input;
  std::size_t first = 0, units = 0;
  bool is_part = false;
};

/// The spike of a population's neurons.
inline spike_function spike_of(const population& p, spike_mode mode) {
  return {p.spec.surrogate, p.spec.reset, p.spec.detach_reset, mode, p.refractory};
}

/// A linear map: current[inlet] += weight^T * output[source], delayed by `base_delay` steps.
struct connection {
  std::string name;            // its parameters begin with it
  std::size_t source, target;  // population index, or network_input
  std::size_t source_units;
  std::size_t base_delay;  // [steps]
  std::size_t weight;      // parameter; the kind says where a synapse has its number
  delay_spec late{};       // delays beyond `base_delay`, if its max is not 0
  /// Parameters, or none: the delays, as the weights, [source] or [target]; the width of their kernel, [1] or, learned,
  /// as the delays.
  std::size_t delay_parameter = no_parameter, kernel_width_parameter = no_parameter;
  const connection_info* info = nullptr;  // its kind
  synapse_plan synapses{};
  weight_init init = weight_init::automatic;
  double init_sigma = 1.0;
  weight_sign sign = weight_sign::any;
  bool inner = false;     // both ends belong to one component: it runs step by step
  bool opens = false;     // its sum is the first in the currents of its inlet, and not inner
  std::size_t index = 0;  // of this connection
  double dropout = 0.0;
  bool drops_channels = false;   // whole channels of its source, not single neurons
  bool masked = false;           // it or its source has dropout
  bool of_part = false;          // it leads from a named part of the input
  std::size_t first_source = 0;  // of the channels of the input that are its sources
  std::size_t receptor = 0;      // of its target, that it feeds
  std::size_t inlet = 0;         // the same, among those of all populations

  bool has_delays() const { return delay_parameter != no_parameter; }
  /// The weight of i to j is number [i, j].
  bool is_matrix() const { return info->matrix; }
  bool comes_from_input() const { return source == network_input; }
  /// Which of its sources a channel of the input is, if it is one.
  std::optional<std::size_t> source_of(std::size_t channel) const {
    return channel >= first_source && channel - first_source < source_units ? std::optional(channel - first_source)
                                                                            : std::nullopt;
  }
  /// Where the delay of a synapse lies in the parameter.
  std::size_t delay_row(const synapse& s) const { return late.per == delay_sharing::synapse ? s.row : 0; }
  std::size_t delay_column(std::size_t source_neuron, const synapse& s) const {
    return late.per == delay_sharing::source ? source_neuron : late.per == delay_sharing::target ? s.target : s.column;
  }
};

/// f(synapse) for every synapse of a source neuron.
template <class F>
void each_synapse(const connection& c, std::size_t source_neuron, const F& f) {
  with_connection_kind(c.info->kind, [&](auto kind) {
    decltype(kind)::each_synapse(static_cast<std::uint32_t>(source_neuron), c.synapses, f);
  });
}

/// f(source neuron, synapse) for all of them.
template <class F>
void each_synapse(const connection& c, const F& f) {
  with_connection_kind(c.info->kind, [&](auto kind) {
    for (std::uint32_t i = 0; i < c.source_units; ++i) {
      decltype(kind)::each_synapse(i, c.synapses, [&](const synapse& s) { f(i, s); });
    }
  });
}

std::size_t synapse_count(const connection& c);

class network;
struct network_output;

/// Whether what an objective reads of an output are spikes.
bool gives_spikes(const network& net, const network_output& o);

/// How its source is called: a layer, the input or a part of it.
std::string source_name(const network& net, const connection& c);

/// A strongly connected group of populations: executed step by step if recurrent, over the whole range otherwise.
struct component {
  std::vector<std::size_t> populations;  // in the order of a step: before those that they reach without delay
  bool recurrent;
};

/// A population under the name by which an objective reads it.
struct network_output {
  std::string name;
  std::size_t population;
  std::size_t units;
  std::size_t first;   // of its values in a row of all outputs
  std::string target;  // of the data's targets, by name; empty: their own
  bool membrane;       // the objective reads the membranes, not what the neurons send
};

class network {
 public:
  /// Throws value_error (no layers, no neurons, dt or surrogate out of range, unknown cell or parameter, value out of
  /// range, a membrane that grows by itself, a connection between layers that do not exist, a loop without delay) and
  /// shape_error. Without outputs in the specification the last layer is the output.
  explicit network(network_spec spec);

  const network_spec& spec() const { return spec_; }
  std::span<const population> populations() const { return populations_; }
  /// Those of the first population, then those of the second, and so on; its index where every cell has one receptor.
  std::span<const inlet> inlets() const { return inlets_; }
  const population& target_of(const inlet& i) const { return populations_[i.population]; }
  std::span<const connection> connections() const { return connections_; }
  /// In the order of execution: whatever a component receives comes from those before it.
  std::span<const component> components() const { return components_; }
  /// All populations in the order of a step.
  std::span<const std::size_t> order() const { return order_; }
  const parameter_layout& parameters() const { return layout_; }
  /// Training draws dropout or noise.
  bool draws() const { return has_dropout_ || has_noise_; }
  bool has_dropout() const { return has_dropout_; }
  /// A connection leads from a part of the input.
  bool has_parts() const { return has_parts_; }
  /// In the order of the specification; at least one.
  std::span<const network_output> output_list() const { return output_list_; }
  const network_output& output(std::size_t k) const { return output_list_[k]; }
  /// Values of all outputs together.
  std::size_t outputs() const { return output_list_.back().first + output_list_.back().units; }

 private:
  void add_population(const layer_spec& layer, std::size_t index);
  std::size_t find_population(const std::string& name, const std::string& where, const std::string& others = "") const;
  connection_source find_source(const std::string& name, const std::string& where) const;
  connection_source all_of_input() const { return {network_input, 0, spec_.inputs, false}; }
  connection_source all_of(std::size_t q) const { return {q, 0, populations_[q].units, false}; }
  void check_parts() const;
  void add_incoming(const layer_spec& layer, std::size_t index);
  void add_named(const connection_spec& spec, std::size_t number);
  void add_connection(const connection_spec& spec, const connection_source& source, std::size_t target, bool loop,
                      const std::string& where);
  void add_delays(connection& c);
  void add_cell_parameters(population& p);
  void order_populations();
  void order_inputs();
  void find_openings();
  void note_draws();
  void add_outputs();

  network_spec spec_;
  std::vector<population> populations_;
  std::vector<inlet> inlets_;
  std::vector<connection> connections_;
  std::vector<component> components_;
  std::vector<std::size_t> order_;
  std::vector<network_output> output_list_;
  parameter_layout layout_;
  bool has_dropout_ = false, has_noise_ = false, has_parts_ = false;
};

}  // namespace backspike
