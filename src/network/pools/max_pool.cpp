// One if any: leaky neurons that forget in a step, with a threshold between none and one spike, and no reset.

#include "network/pools/max_pool.hpp"

#include <backspike/cell/lif.hpp>
#include <backspike/connection/connection_info.hpp>
#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

constexpr double threshold = 0.5;
constexpr double steps_of_memory = 0.05;  // exp(-20) is left; less would leave numbers that processors are slow with
constexpr double width_of_surrogate = 1.0;

const field& field_of(std::string_view name) { return *std::ranges::find(lif::fields, name, &field::name); }

double setting(const layer_spec& layer, const std::string& name) {
  const auto given = layer.settings.find(name);
  const auto fields = find_connection(layer.kind).fields;
  return given != layer.settings.end() ? given->second : std::ranges::find(fields, name, &field::name)->initial;
}

double window_of(const layer_spec& layer) {
  const double kernel = setting(layer, "kernel"), width = setting(layer, "kernel_width");
  return kernel * (width == 0.0 ? kernel : width);
}

/// The time constant for steps of dt; throws if a window's spikes are not forgotten in one.
double forgetting(const layer_spec& layer, double dt) {
  const double tau = std::max(steps_of_memory * dt, field_of("tau_m").low), left = std::exp(-dt / tau);
  if (!(window_of(layer) * left < threshold * (1.0 - left))) {
    throw value_error("network", layer.name + "." + layer.kind + ".kernel",
                      short_number(window_of(layer)) + " neurons in steps of " + short_number(dt) + " ms",
                      "a smaller window, or steps of " + short_number(field_of("tau_m").low / steps_of_memory) +
                          " ms and more: its neurons have to forget in one");
  }
  return tau;
}

/// Throws if the layer has another value than the default, or that which it gets.
void set_parameter(layer_spec& layer, std::string_view name, double value) {
  const field& f = field_of(name);
  const std::string key(name);
  const auto given = layer.parameters.find(key);
  cell_parameter_spec wanted = default_parameter(f);
  wanted.value = value;
  if (given != layer.parameters.end()) {
    const cell_parameter_spec& now = given->second;
    if (now.learn || !now.values.empty() || (now.value != f.initial && now.value != value)) {
      throw value_error("network", layer.name + "." + key,
                        now.learn ? "learned" : short_number(now.value) + " " + std::string(f.unit),
                        "none: " + layer.kind + " sets it");
    }
  }
  layer.parameters[key] = wanted;
}

}  // namespace

std::optional<pool_problem> find_pool_problem(const layer_spec& layer) {
  if (!find_connection(layer.kind).sets_neurons) {
    return std::nullopt;
  }
  const std::string ends = ": the neurons of " + layer.kind + " fire where any of a window does, and for nothing else";
  if (layer.cell != lif::name) {
    return pool_problem{"cell", layer.cell, std::string(lif::name) + ends};
  }
  if (layer.reset != layer_spec{}.reset && layer.reset != reset_kind::none) {
    return pool_problem{"reset", std::string(name_of(layer.reset)), "none" + ends};
  }
  for (const auto& [key, given] : {std::pair("bias", layer.bias), std::pair("recurrent", layer.recurrent)}) {
    if (given) {
      return pool_problem{key, "true", "false" + ends};
    }
  }
  for (const auto& [key, given] : {std::pair("refractory", layer.refractory), std::pair("noise", layer.noise)}) {
    if (given != 0.0) {
      return pool_problem{key, short_number(given), "0" + ends};
    }
  }
  return std::nullopt;
}

void refuse_pool_connections(const network_spec& spec) {
  for (std::size_t k = 0; k < spec.connections.size(); ++k) {
    const std::string& kind = spec.connections[k].kind;
    const auto known = known_connections();
    const auto found = std::ranges::find(known, kind, &connection_info::name);
    if (found != known.end() && found->sets_neurons) {
      throw value_error(
          "network", "connection." + std::to_string(k) + ".kind", kind,
          "a kind that leads to any neurons, or " + kind + " = {...} as a key of the layer, whose neurons it makes");
    }
  }
}

void set_pool_neurons(network_spec& spec) {
  for (layer_spec& layer : spec.layers) {
    if (!find_connection(layer.kind).sets_neurons) {
      continue;
    }
    if (const auto problem = find_pool_problem(layer)) {
      throw value_error("network", layer.name + "." + problem->key, problem->value, problem->accepted);
    }
    set_parameter(layer, "tau_m", forgetting(layer, spec.dt));
    set_parameter(layer, "v_th", threshold);
    layer.reset = reset_kind::none;
    if (layer.surrogate == surrogate_spec{}) {
      layer.surrogate.width = width_of_surrogate;
    }
  }
}

}  // namespace backspike
