#pragma once
// What a network is, before any memory is planned: populations of cells and the connections between them.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace backspike {

enum class surrogate_kind { fast_sigmoid, arctangent, triangle, sigmoid, boxcar, gaussian, multi_gaussian };
enum class spike_mode { hard, smooth };
enum class reset_kind { subtract, to_value, none };

/// The pseudo-derivative of the spike: height * shape(u / width), u the distance to threshold. See cell/surrogate.hpp.
struct surrogate_spec {
  surrogate_kind kind = surrogate_kind::fast_sigmoid;
  double width = 0.1;
  double height = 1.0;
  bool operator==(const surrogate_spec&) const = default;
};

/// A cell parameter: its value, and whether training may change it.
struct cell_parameter_spec {
  double value = 0.0;
  bool learn = false;
  bool per_neuron = false;  // false: one value shared by the layer
  bool operator==(const cell_parameter_spec&) const = default;
};

/// One layer: a dense connection from the layer before, a population of cells, optionally a self-loop.
struct layer_spec {
  std::string name;          // unique; empty: "hidden1", "hidden2", ..., "readout" for the last
  std::string cell = "lif";  // a name in the cell list
  std::uint32_t size = 0;
  bool recurrent = false;
  bool bias = false;
  std::map<std::string, cell_parameter_spec> parameters;  // by field name; what is absent takes the field's default
  surrogate_spec surrogate;
  reset_kind reset = reset_kind::subtract;
  bool detach_reset = true;  // true: no gradient through the reset
  /// Standard deviation of the membrane that the initial weights aim at, in units of the threshold; see
  /// network/initialise.hpp (fluctuation-driven initialisation).
  double init_sigma = 1.0;
  bool operator==(const layer_spec&) const = default;
};

struct network_spec {
  std::uint32_t inputs = 0;
  double dt = 1.0;  // [ms]
  std::vector<layer_spec> layers;
  bool operator==(const network_spec&) const = default;
};

}  // namespace backspike
