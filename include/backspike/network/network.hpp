#pragma once
// The network planned: populations, connections, the order of execution and where every parameter lies.

#include <backspike/cell/cell_info.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/network/network_spec.hpp>

#include <cstdint>
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

  /// Where in a parameter, by the order of the cell's fields, a neuron finds its number.
  std::size_t column_of(std::size_t parameter, std::size_t neuron) const {
    return neuron / (units / columns[parameter]);  // columns divide the neurons, and neighbours share
  }
};

/// A dense linear map: current[target] += weight^T * output[source], delayed by `base_delay` steps (recurrent: 1).
struct connection {
  std::size_t source, target;  // population index, or network_input
  std::size_t source_units;
  std::size_t base_delay;  // [steps]
  std::size_t weight;      // parameter [source units, target units]: a spike adds the row of its source
  std::size_t bias;        // parameter [target units] or no_parameter
  delay_spec late{};       // delays beyond `base_delay`, if its max is not 0
  /// Parameters, or none: the delays, [source, target], [source] or [target]; the width of their kernel, [1] or,
  /// learned, as the delays.
  std::size_t delay_parameter = no_parameter, kernel_width_parameter = no_parameter;

  bool has_delays() const { return delay_parameter != no_parameter; }
  /// Where the delay of a synapse lies in the parameter.
  std::size_t delay_row(std::size_t source_neuron) const {
    return late.per == delay_sharing::synapse ? source_neuron : 0;
  }
  std::size_t delay_column(std::size_t source_neuron, std::size_t target_neuron) const {
    return late.per == delay_sharing::source ? source_neuron : target_neuron;
  }
};

/// A strongly connected group of populations: executed step by step if recurrent, over the whole range otherwise.
struct component {
  std::vector<std::size_t> populations;
  bool recurrent;
};

class network {
 public:
  /// Throws value_error (no layers, no neurons, dt or surrogate out of range, unknown cell or parameter, value out of
  /// range, a membrane that grows by itself) and shape_error. A readout layer of an analog cell must be the last.
  explicit network(network_spec spec);

  const network_spec& spec() const { return spec_; }
  std::span<const population> populations() const { return populations_; }
  std::span<const connection> connections() const { return connections_; }
  std::span<const component> components() const { return components_; }
  const parameter_layout& parameters() const { return layout_; }
  std::size_t outputs() const { return populations_.back().units; }

 private:
  void add_layer(layer_spec layer, std::size_t index);
  void add_delays(connection& c);

  network_spec spec_;
  std::vector<population> populations_;
  std::vector<connection> connections_;
  std::vector<component> components_;
  parameter_layout layout_;
};

}  // namespace backspike
