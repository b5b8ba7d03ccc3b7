#pragma once
// Networks for tests of exports: every cell side by side, and every kind of window.

#include "gradient/random_graph.hpp"

namespace backspike::testing {

/// A layer of each of these cells, each with a loop, spikes and refractory neurons beside those without, all of them
/// outputs; and values of analog cells that feed a layer, with short-term plasticity on one connection.
inline trial_plan every_cell_plan(const std::vector<std::string>& cells) {
  trial_plan plan;
  plan.network.inputs = 7;
  for (const std::string& cell : cells) {
    for (const bool refractory : {false, true}) {
      layer_spec layer = quick_layer(cell, refractory ? 4 : 5, refractory);
      layer.name = cell + (refractory ? "_r" : "");
      layer.from = std::vector<std::string>{"input"};
      layer.recurrent = true;
      layer.bias = refractory;
      layer.refractory = refractory ? 2.0 : 0.0;
      layer.reset = static_cast<reset_kind>(plan.network.layers.size() % 3);
      plan.network.layers.push_back(layer);
      plan.network.outputs.push_back({layer.name, "", ""});
    }
  }
  plan.network.outputs.push_back({cells[0], cells[0] + "_membrane", "", {}, {}, output_read::membrane});
  layer_spec filter = quick_layer("double_exponential", 3);
  filter.name = "filter";
  filter.from = std::vector<std::string>{cells[0]};
  layer_spec behind = quick_layer("lif", 4);
  behind.name = "behind";
  behind.from = std::vector<std::string>{"filter"};
  layer_spec readout = quick_layer("leaky_integrator", 3, true);
  readout.name = "readout";
  readout.from = std::vector<std::string>{"behind", "filter", "input"};
  for (const layer_spec& layer : {filter, behind, readout}) {
    plan.network.layers.push_back(layer);
    plan.network.outputs.push_back({layer.name, "", ""});
  }
  connection_spec plastic;
  plastic.name = "plastic";
  plastic.from = "input";
  plastic.to = "behind";
  plastic.short_term_plasticity = {0.4, 9.0, 5.0, {}, parameter_sharing::neuron};
  plan.network.connections.push_back(plastic);
  for (network_output_spec& o : plan.network.outputs) {  // each with targets of its own
    o.target = o.from == plan.network.outputs[0].from && o.name.empty() ? "" : (o.name.empty() ? o.from : o.name);
    plan.objective.others.emplace_back();
  }
  plan.objective.others.pop_back();
  plan.lengths = {24, 9};
  plan.gain = 4.0;
  return plan;
}

/// Receptors that a cell has beyond the first get a connection of their own.
inline void feed_receptors(trial_plan& plan) {
  const std::vector<layer_spec> layers = plan.network.layers;
  for (const layer_spec& layer : layers) {
    for (const receptor& r : find_cell(layer.cell).receptors) {
      connection_spec c;
      c.name = layer.name + "_" + std::string(r.name);
      c.from = "input";
      c.to = layer.name;
      c.receptor = std::string(r.name);
      c.base_delay = 2;
      plan.network.connections.push_back(c);
    }
  }
}

inline layer_spec window_layer(const std::string& kind, const connection_settings& settings) {
  layer_spec layer = quick_layer("lif", 0);
  layer.kind = kind;
  layer.settings = settings;
  layer.bias = !find_connection(kind).fixed;
  layer.parameters["v_th"].value = 0.3;
  return layer;
}

/// Layers of windows, one behind the other.
inline trial_plan window_plan(const grid_shape& input, const std::vector<layer_spec>& layers) {
  trial_plan plan;
  plan.network.inputs = static_cast<std::uint32_t>(neurons_of(input));
  plan.network.input_shape = input;
  plan.network.layers = layers;
  plan.network.layers.push_back(quick_layer("leaky_integrator", 3));
  plan.gain = 4.0;
  plan.lengths = {12, 5};
  plan.rate = 0.5;
  return plan;
}

/// Their one weight, which is not learned, is 1 as in every network.
inline void open_pools(trial& t) {
  for (const connection& c : t.net.connections()) {
    if (c.info->fixed) {
      t.parameters.view(c.weight)(0, 0) = 1.0;
    }
  }
}

inline std::vector<trial_plan> window_plans() {
  return {
      window_plan({2, 5, 6}, {window_layer("conv2d", {{"channels", 3}, {"padding", 1}}),
                              window_layer("sum_pool", {{"kernel", 2}})}),
      window_plan({4, 6, 4}, {window_layer("conv2d", {{"channels", 6}, {"kernel", 2}, {"groups", 2}, {"stride", 2}}),
                              window_layer("conv_transpose2d", {{"channels", 3}, {"stride", 2}, {"kernel", 3}}),
                              window_layer("average_pool", {{"kernel", 3}, {"stride", 2}, {"padding", 1}})}),
      window_plan({2, 11}, {window_layer("conv1d", {{"channels", 5}, {"kernel", 3}, {"dilation", 2}})})};
}

}  // namespace backspike::testing
