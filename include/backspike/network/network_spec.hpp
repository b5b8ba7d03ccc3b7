#pragma once
// What a network is, before any memory is planned: populations of cells and the connections between them.

#include <backspike/cell/surrogate_spec.hpp>
#include <backspike/cell/tsodyks_markram.hpp>
#include <backspike/core/enum_names.hpp>
#include <backspike/core/field.hpp>
#include <backspike/core/shape.hpp>
#include <backspike/network/delay_spec.hpp>
#include <backspike/objective/activity_spec.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace backspike {

enum class weight_init { fluctuation, identity, automatic };
template <>
inline constexpr auto enum_names<weight_init> = std::to_array<enum_name<weight_init>>({
    {weight_init::fluctuation, "fluctuation"},
    {weight_init::identity, "identity"},
    {weight_init::automatic, "auto"},
});

/// Which sign the weights of a connection may have: a neuron excites or inhibits all that it reaches (Dale's
/// principle).
enum class weight_sign { any, excitatory, inhibitory };
template <>
inline constexpr auto enum_names<weight_sign> = std::to_array<enum_name<weight_sign>>({
    {weight_sign::any, "any"},
    {weight_sign::excitatory, "excitatory"},
    {weight_sign::inhibitory, "inhibitory"},
});

/// How training keeps the weights of a connection. standardise: those of an output channel, of a dense connection those
/// of a neuron, have a mean of 0 and keep the norm that they start with.
enum class weight_transform { none, standardise };
template <>
inline constexpr auto enum_names<weight_transform> = std::to_array<enum_name<weight_transform>>({
    {weight_transform::none, "none"},
    {weight_transform::standardise, "standardise"},
});

enum class parameter_sharing { layer, channel, neuron };
template <>
inline constexpr auto enum_names<parameter_sharing> = std::to_array<enum_name<parameter_sharing>>({
    {parameter_sharing::layer, "layer"},
    {parameter_sharing::channel, "channel"},
    {parameter_sharing::neuron, "neuron"},
});

enum class parameter_distribution { constant, normal, uniform, gamma, split };
template <>
inline constexpr auto enum_names<parameter_distribution> = std::to_array<enum_name<parameter_distribution>>({
    {parameter_distribution::constant, "constant"},
    {parameter_distribution::normal, "normal"},
    {parameter_distribution::uniform, "uniform"},
    {parameter_distribution::gamma, "gamma"},
    {parameter_distribution::split, "split"},
});

/// Widths of a time step that a network takes [ms]. Beyond them single precision tells no decay from 1 or no
/// exponential of one from 0 for any time constant that a cell accepts.
inline constexpr double least_dt = 1e-6, most_dt = 1e6;

inline constexpr double most_init_sigma = 1000.0;

/// A cell parameter: where it starts, and what training may do with it.
struct cell_parameter_spec {
  double value = 0.0;  // the mean, where values are drawn
  bool learn = false;
  parameter_sharing per = parameter_sharing::layer;  // one number for the layer, for each channel or for each neuron
  parameter_distribution distribution = parameter_distribution::constant;
  double spread = 0.0;                        // normal, gamma: standard deviation; uniform: half the width
  double rest = 0.0;                          // split: what those get that do not get `value`
  double fraction = 0.5;                      // split: share that gets `value`, the first ones
  double low = -unbounded, high = unbounded;  // range in which it is drawn and trained, within the field's; its default
  parameter_transform transform = parameter_transform::clamp;
  std::vector<double> values{};  // where each starts, one for each channel or neuron; `value` is then their mean
  bool operator==(const cell_parameter_spec&) const = default;
};

/// The field's default: constant, not learned, over the field's whole range.
inline cell_parameter_spec default_parameter(const field& f) {
  cell_parameter_spec spec;
  spec.value = f.initial;
  spec.low = f.low;
  spec.high = f.high;
  return spec;
}

/// Settings of a kind of connection, by the names of its fields; what is absent takes the default.
using connection_settings = std::map<std::string, double>;

/// One layer: a population of cells, connections from the layer before or from those named, optionally a
/// self-loop.
struct layer_spec {
  std::string name;  // unique; empty: "hidden1", "hidden2", ..., "readout" for the last
  /// Layers, or "input", that its connections lead from; absent: the layer before; empty: none.
  std::optional<std::vector<std::string>> from;
  std::string cell = "lif";  // a name in the cell list
  std::uint32_t size = 0;    // 0: that of its shape
  /// Groups of neighbouring neurons that parameters can be shared by, all of one size; 0: every neuron is its own.
  std::uint32_t channels = 0;
  bool recurrent = false;
  bool bias = false;
  std::map<std::string, cell_parameter_spec> parameters;  // by field name; what is absent takes the field's default
  delay_spec delay;                                       // of the connection from the layer before
  delay_spec recurrent_delay;                             // of the self-loop, beyond the one step that it always takes
  surrogate_spec surrogate;
  reset_kind reset = reset_kind::subtract;
  bool detach_reset = true;  // true: no gradient through the reset
  double refractory = 0.0;   // [ms] after a spike in which a neuron does not spike again, in whole steps; 0: none
  activity_spec activity{};  // what training asks of the number of its spikes
  double dropout = 0.0;      // probability that a neuron sends nothing for a whole sample, in training; below 1
  double noise = 0.0;        // standard deviation of a current that every neuron gets in every step, in training
  /// Standard deviation of the membrane that the initial weights aim at, in units of the threshold; see
  /// initialise_weights in gradient/initialise.hpp (fluctuation-driven initialisation).
  double init_sigma = 1.0;  // 0 to most_init_sigma
  /// How the weights from the layers before start: drawn at random, or 1 from each neuron to the one of the same
  /// number. automatic: drawn; in the analog readout of a regression then scaled to the targets, see
  /// gradient/initialise.hpp.
  weight_init init = weight_init::automatic;
  grid_shape shape{};            // of its neurons; empty: the size says all, or the connections that lead to it
  std::string kind = "dense";    // of the connections that it brings, by name in the list of connections
  connection_settings settings;  // of that kind
  /// What numbers of the bias are shared by; absent: a channel if its own connections share weights, else nothing.
  std::optional<parameter_sharing> bias_per{};
  /// Receptors of its cell that its connections and its self-loop feed, by name; absent: the first.
  std::optional<std::string> receptor{}, recurrent_receptor{};
  weight_transform transform = weight_transform::none;        // of the weights of its own connections
  parameter_sharing dropout_per = parameter_sharing::neuron;  // what is dropped together: a neuron or a channel
  bool operator==(const layer_spec&) const = default;
};

/// Short-term plasticity, with the parameters of its cell (cell/tsodyks_markram.hpp).
struct short_term_plasticity_spec {
  double U = tsodyks_markram::fields[0].initial;
  double tau_d = tsodyks_markram::fields[1].initial, tau_f = tsodyks_markram::fields[2].initial;  // [ms]
  std::vector<std::string> learn{};                  // which of them training changes
  parameter_sharing per = parameter_sharing::layer;  // what the learned ones are shared by: those of the source
  bool operator==(const short_term_plasticity_spec&) const = default;
};

/// A connection of its own, beside those that layers bring.
struct connection_spec {
  std::string name;                             // its parameters are called NAME.weight; empty: TO.FROM
  std::string from, to;                         // names of layers; from: or "input"
  std::string kind = "dense";                   // a name in the list of connections
  connection_settings settings;                 // of the kind
  std::vector<std::uint32_t> sources, targets;  // sparse: neuron sources[k] reaches neuron targets[k]
  std::optional<std::uint32_t> base_delay;      // [steps] that every spike takes; absent: 1 in a self-loop, else 0
  delay_spec delay;                             // beyond base_delay
  bool learn = true;                            // false: weights stay as they start
  weight_sign sign = weight_sign::any;
  weight_init init = weight_init::automatic;
  std::optional<double> init_sigma;  // absent: that of the layer it leads to
  double dropout = 0.0;              // as that of a layer, of its source's neurons on this connection alone
  /// What a spike of the source carries then depends on those before: a population NAME.plasticity stands between.
  std::optional<short_term_plasticity_spec> short_term_plasticity{};
  std::optional<std::string> receptor{};  // of the target's cell, that it feeds, by name; absent: the first
  weight_transform transform = weight_transform::none;
  parameter_sharing dropout_per = parameter_sharing::neuron;  // as that of a layer
  bool operator==(const connection_spec&) const = default;
};

/// The longest refractory period [steps].
inline constexpr std::uint32_t most_refractory = 65535;

/// The largest standard deviation of noise.
inline constexpr double most_noise = 1e6;

/// The longest base_delay [steps].
inline constexpr std::uint32_t most_base_delay = 65535;

/// How a connection calls the data.
inline constexpr const char* input_name = "input";

/// The name of a layer that was given none.
std::string default_layer_name(std::size_t index, std::size_t count);

/// Gives their names to layers that have none.
void name_layers(std::vector<layer_spec>& layers);

/// Some neighbouring channels of the data that connections can lead from by name.
struct input_part {
  std::string name;
  std::uint32_t size = 0;
  bool operator==(const input_part&) const = default;
};

/// What an objective reads of a layer.
///
/// output    what others receive from it: spikes, which count as 1, or the value of an analog cell
/// membrane  of a spiking cell, as the step leaves it: a neuron that has spiked in the step has had its reset
enum class output_read { output, membrane };
template <>
inline constexpr auto enum_names<output_read> = std::to_array<enum_name<output_read>>({
    {output_read::output, "output"},
    {output_read::membrane, "membrane"},
});

/// A layer that an objective reads.
struct network_output_spec {
  std::string from;    // a layer
  std::string name;    // unique; empty: the layer's
  std::string target;  // of the targets that the data have by name; empty: the data's own
  /// For each class of these targets the class of this output; empty: the same classes.
  std::vector<std::uint32_t> classes_from{};
  std::vector<std::string> class_names{};  // of the classes that these are; empty: "0", "1", ...
  output_read read = output_read::output;
  bool operator==(const network_output_spec&) const = default;
};

struct network_spec {
  std::uint32_t inputs = 0;
  std::vector<input_part> parts;  // none, or one after the other they have all channels between them
  double dt = 1.0;                // [ms] least_dt to most_dt
  std::vector<layer_spec> layers;
  std::vector<connection_spec> connections;
  std::vector<network_output_spec> outputs{};  // empty: the last layer
  grid_shape input_shape{};                    // of the input channels; empty: they have a number only
  bool operator==(const network_spec&) const = default;
};

}  // namespace backspike
