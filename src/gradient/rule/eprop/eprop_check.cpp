// Which networks e-prop takes; what it refuses is named together with a rule that takes it.

#include "gradient/rule/eprop/ways_forward.hpp"
#include "kernels/eligibility.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/eprop.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

constexpr const char* other_rules = "; bptt and rtrl take this network";

void check_readout(const network& net, const population& last) {
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

/// Whether the low passes of two analog outputs are the same, now and after training.
bool have_one_low_pass(const population& a, const population& b) {
  return std::ranges::all_of(a.cell->parameters, [&](const field& f) {
    const cell_parameter_spec &x = a.spec.parameters.at(std::string(f.name)),
                              &y = b.spec.parameters.at(std::string(f.name));
    return x.value == y.value && !x.learn && !y.learn && x.distribution == parameter_distribution::constant &&
           y.distribution == parameter_distribution::constant;
  });
}

/// What several outputs have to fulfil together.
void check_readouts(const network& net) {
  const auto ways = ways_forward(net);
  const population* analog = nullptr;
  for (const network_output& o : net.output_list()) {
    const population& p = net.populations()[o.population];
    check_readout(net, p);
    if (o.membrane) {
      throw value_error("eprop", o.name + ".read", "membrane",
                        std::string("output: a membrane that spikes may reset is no low pass that eligibilities before "
                                    "it could go through; the value of a leaky_integrator is one that does not spike") +
                            other_rules);
    }
    for (const network_output& other : net.output_list()) {
      if (&other < &o && other.population == o.population) {
        throw value_error("eprop", "outputs " + other.name + " and " + o.name, "both of layer " + p.spec.name,
                          std::string("one output of a layer") + other_rules);
      }
    }
    if (p.cell->spiking) {
      continue;
    }
    if (receives_errors(net, o.population, ways)) {
      throw value_error("eprop", p.spec.name + ".cell", std::string(p.cell->name),
                        std::string("a spiking cell in an output that leads to another output") + other_rules);
    }
    if (analog != nullptr && !have_one_low_pass(*analog, p)) {
      throw value_error(
          "eprop", p.spec.name + " beside " + analog->spec.name, "another low pass, or one that is learned",
          std::string("the same parameters, not learned, in all analog outputs: every hidden synapse keeps "
                      "one filtered trace for all of them") +
              other_rules);
    }
    analog = &p;
  }
}

void check_connections(const network& net) {
  for (const connection& c : net.connections()) {
    const bool to_output = net.populations()[c.target].is_output && !c.comes_from_input() &&
                           is_behind(net, c.target, c.source);  // what leads back is cut whatever it takes
    if (to_output && c.base_delay > 0) {
      throw value_error(
          "eprop", net.parameters()[c.weight].name + " delay", std::to_string(c.base_delay) + " steps",
          std::string("0 steps into the readout: the error of a step meets the traces of that step") + other_rules);
    }
    if (to_output && c.has_delays()) {
      throw value_error("eprop", net.parameters()[c.delay_parameter].name + " max",
                        std::to_string(c.late.max) + " steps",
                        "0: no delays from a hidden layer to the readout: the error of a step meets the traces of that "
                        "step; bptt takes this network, and online_learner runs it where it does not learn");
    }
  }
}

void check_cells(const network& net) {
  for (const population& p : net.populations()) {
    if (!p.cell->spiking && !p.is_output) {
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
  for (const layer_rate& r : options.rates) {
    const auto is_it = [&](const population& p) { return !p.is_output && p.spec.name == r.layer; };
    if (std::ranges::none_of(net.populations(), is_it)) {
      std::string names;
      for (const population& p : net.populations()) {
        names += p.is_output ? "" : (names.empty() ? "" : ", ") + p.spec.name;
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
  check_readouts(net);
  check_connections(net);
  check_cells(net);
  check_range("feedback_decay", options.feedback_decay, 0.0, 1.0);
  check_rates(net, options);
}

}  // namespace backspike
