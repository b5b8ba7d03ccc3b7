#pragma once
// The small network in which every cell meets the finite-difference harness.

#include "gradient/check_gradient.hpp"
#include "gradient/kinks.hpp"

#include <gtest/gtest.h>

namespace backspike::testing {

/// Something for every receptor but the first.
inline void feed_receptors(network_spec& spec, const cell_info& cell) {
  for (std::size_t r = 1; r < cell.receptors.size(); ++r) {
    connection_spec c;
    c.name = std::string(cell.receptors[r].name);
    c.from = input_name;
    c.to = "hidden1";
    c.receptor = c.name;
    spec.connections.push_back(c);
  }
}

/// Four inputs, the cell under test, three classes. An analog cell is tested as the readout.
inline trial_plan plan_for(const cell_info& cell, bool per_neuron = true) {
  trial_plan plan;
  plan.network.inputs = 4;
  layer_spec hidden = quick_layer(cell.spiking ? std::string(cell.name) : "lif", 5, per_neuron);
  hidden.surrogate = {surrogate_kind::arctangent, 0.4, 1.2};
  hidden.detach_reset = false;
  hidden.bias = true;
  layer_spec readout = quick_layer(cell.spiking ? "leaky_integrator" : std::string(cell.name), 3, per_neuron);
  readout.bias = true;
  plan.network.layers = {hidden, readout};
  feed_receptors(plan.network, cell);
  return plan;
}

/// Every parameter of a population's cell moves the loss, but for what its reset does not read.
inline void expect_parameters_alive(const trial& t, std::size_t q) {
  const population& p = t.net.populations()[q];
  arena<double> gradient(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::smooth, &gradient);
  for (std::size_t k = 0; k < p.parameters.size(); ++k) {
    const std::string_view field = p.cell->parameters[k].name;
    const bool unread = (field == "v_reset" && p.spec.reset != reset_kind::to_value) ||
                        (field == "reset_strength" && p.spec.reset != reset_kind::subtract);
    const auto view = gradient.view(p.parameters[k]);
    double top = 0.0;
    for (std::size_t c = 0; c < view.cols; ++c) {
      top = std::max(top, std::fabs(view(0, c)));
    }
    EXPECT_EQ(top > 1e-5, !unread) << field << ": " << top;
  }
}

inline void check(const trial_plan& plan, const gradient_tolerances& tolerances = {}) {
  const auto t = away_from_kinks(plan);
  ASSERT_NE(t, nullptr) << "every seed puts a membrane on a kink";
  check_network_gradient(*t, tolerances);
}

/// check, and no parameter of a cell is silent.
inline void check_every_parameter(const trial_plan& plan) {
  check(plan);
  const auto t = away_from_kinks(plan);
  for (std::size_t q = 0; q < plan.network.layers.size(); ++q) {
    expect_parameters_alive(*t, q);
  }
}

/// plan_for with this surrogate on the hidden layer, at a width at which most membranes are inside its support: the
/// rest has no gradient.
inline trial_plan plan_for(const cell_info& cell, surrogate_kind surrogate) {
  trial_plan plan = plan_for(cell);
  plan.network.layers[0].surrogate.kind = surrogate;
  if (has_compact_support(surrogate)) {
    plan.network.layers[0].surrogate.width = 1.0;
    plan.gain = 1.0;
  }
  return plan;
}

}  // namespace backspike::testing
