// Which networks e-prop takes; what it refuses is named together with a rule that takes it.

#include "kernels/eligibility.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

constexpr const char* other_rules = "; bptt and rtrl take this network";

void check_readout(const network& net) {
  const population& last = net.populations().back();
  if (last.cell->spiking) {
    return;
  }
  if (last.cell->name != "leaky_integrator") {
    throw value_error("eprop", last.spec.name + ".cell", std::string(last.cell->name),
                      std::string("leaky_integrator or a spiking cell: hidden eligibilities pass through the readout's "
                                  "low pass, which has to be that of one exponential") +
                          other_rules);
  }
  for (const std::size_t i : last.parameters) {
    if (net.parameters()[i].cols != 1) {
      throw value_error("eprop", net.parameters()[i].name, "one value for each neuron",
                        std::string("one value for the layer: every hidden synapse keeps one filtered trace for all "
                                    "readout neurons") +
                            other_rules);
    }
  }
}

void check_connections(const network& net) {
  for (const connection& c : net.connections()) {
    if (!c.comes_from_input() && c.target == net.output() && c.source != c.target && c.base_delay > 0) {
      throw value_error(
          "eprop", net.parameters()[c.weight].name + " delay", std::to_string(c.base_delay) + " steps",
          std::string("0 steps into the readout: the error of a step meets the traces of that step") + other_rules);
    }
    if (c.has_delays() && c.target == net.output() && c.source != c.target && !c.comes_from_input()) {
      throw value_error("eprop", net.parameters()[c.delay_parameter].name + " max",
                        std::to_string(c.late.max) + " steps",
                        "0: no delays from a hidden layer to the readout: the error of a step meets the traces of that "
                        "step; bptt takes this network, and online_learner runs it where it does not learn");
    }
  }
}

void check_cells(const network& net) {
  for (const population& p : net.populations()) {
    if (!p.cell->spiking && &p != &net.populations()[net.output()]) {
      throw value_error(
          "eprop", p.spec.name + ".cell", std::string(p.cell->name),
          std::string("a spiking cell in every layer but the readout: what an analog one hands on depends "
                      "on its whole past, and no trace of a synapse before it holds that") +
              other_rules);
    }
    if (p.cell->states.size() > kernels::most_eligibility_states) {
      throw value_error(
          "eprop", p.spec.name + ".cell",
          std::string(p.cell->name) + " with " + std::to_string(p.cell->states.size()) + " states",
          "a cell of at most " + std::to_string(kernels::most_eligibility_states) + " states" + other_rules);
    }
  }
}

void check_range(const std::string& name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw value_error("eprop", name, std::to_string(value), std::to_string(low) + " to " + std::to_string(high));
  }
}

void check_rates(const network& net, const eprop_options& options) {
  const auto hidden = net.populations().first(net.populations().size() - 1);
  for (const layer_rate& r : options.rates) {
    if (std::ranges::none_of(hidden, [&](const population& p) { return p.spec.name == r.layer; })) {
      std::string names;
      for (const population& p : hidden) {
        names += (names.empty() ? "" : ", ") + p.spec.name;
      }
      throw value_error("eprop", "layer of the rate regularisation", r.layer, "a hidden layer: " + names);
    }
    check_range("target rate of " + r.layer + " [Hz]", r.target, 0.0, 1000.0 / net.spec().dt);
    check_range("coefficient of the rate of " + r.layer, r.coefficient, 0.0, 1e12);
  }
  check_range("rate_window [ms]", options.rate_window, net.spec().dt, 1e12);
}

}  // namespace

void check_eprop(const network& net, const eprop_options& options) {
  check_readout(net);
  check_connections(net);
  check_cells(net);
  check_range("feedback_decay", options.feedback_decay, 0.0, 1.0);
  check_rates(net, options);
}

}  // namespace backspike
