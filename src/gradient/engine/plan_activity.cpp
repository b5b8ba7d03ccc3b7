// Puts together what layers and objective ask of the number of spikes, and how many synapses a spike of each layer
// reaches.

#include <backspike/gradient/plan_activity.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

void check_operations(const synaptic_operations_spec& s, const activity_plan& plan) {
  if (!(s.weight >= 0.0) || std::isinf(s.weight)) {
    throw value_error("objective", "synaptic_operations.weight", short_number(s.weight), "a number, 0 or more");
  }
  if (!(s.budget > 0.0) || std::isinf(s.budget)) {
    throw value_error("objective", "synaptic_operations.budget", short_number(s.budget) + " operations",
                      "a number above 0");
  }
  if (s.weight != 0.0 &&
      std::ranges::none_of(plan.layers, [](const activity_plan::layer& l) { return l.fan_out > 0.0; })) {
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
    plan.layers.push_back({p.spec.activity, 0.0});
  }
  for (const connection& c : net.connections()) {
    if (c.source != network_input) {
      plan.layers[c.source].fan_out += static_cast<double>(net.populations()[c.target].units);
    }
  }
  check_operations(plan.operations, plan);
  return plan;
}

}  // namespace backspike
