// Puts together what layers and objective ask of the number of spikes, and how many synapses a spike of each layer
// reaches.

#include <backspike/gradient/plan_activity.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// The synapses of a connection, neuron by neuron of its source.
void add_fan_out(const connection& c, std::vector<double>& fan_out) {
  fan_out.resize(c.source_units, 0.0);
  each_synapse(c, [&](std::uint32_t source, const synapse&) { fan_out[source] += 1.0; });
}

void check_operations(const synaptic_operations_spec& s, const activity_plan& plan) {
  if (!(s.weight >= 0.0) || std::isinf(s.weight)) {
    throw value_error("objective", "synaptic_operations.weight", short_number(s.weight), "a number, 0 or more");
  }
  if (!(s.budget > 0.0) || std::isinf(s.budget)) {
    throw value_error("objective", "synaptic_operations.budget", short_number(s.budget) + " operations",
                      "a number above 0");
  }
  if (s.weight != 0.0 && std::ranges::none_of(plan.layers, [](const activity_plan::layer& l) { return l.reaches(); })) {
    throw value_error("objective", "synaptic_operations.weight", short_number(s.weight),
                      "0 for a network in which no spike reaches a synapse");
  }
}

}  // namespace

activity_plan plan_activity(const network& net, const objective_spec& objective) {
  activity_plan plan;
  plan.operations = objective.synaptic_operations;
  plan.dt = net.spec().dt;
  for (const population& p : net.populations()) {
    plan.layers.push_back({p.spec.activity, {}});
  }
  for (const connection& c : net.connections()) {
    if (!c.comes_from_input() && net.populations()[c.source].cell->spiking) {
      add_fan_out(c, plan.layers[c.source].fan_out);
    }
  }
  check_operations(plan.operations, plan);
  return plan;
}

}  // namespace backspike
