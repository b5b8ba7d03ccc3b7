#pragma once
// Random graphs that e-prop takes: all of graph_plan.hpp but analog populations inside, late ways into the readout,
// dropout and noise.

#include "gradient/graph/clear_samples.hpp"
#include "gradient/graph/graph_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

namespace backspike::testing {

/// `delays`: that connections have beyond their fixed one; e-prop leaves them as they are.
inline trial_plan eprop_graph_plan(std::uint64_t seed, bool delays) {
  graph_limits limits;
  limits.analog = limits.late_readout = false;
  limits.delays = delays;
  limits.dropout = limits.noise = false;  // a connection's own dropout has no part in e-prop's signals
  trial_plan plan = graph_plan(seed, limits);
  const std::string readout = default_layer_name(plan.network.layers.size() - 1, plan.network.layers.size());
  for (connection_spec& c : plan.network.connections) {
    c.delay.learn = c.delay.width.learn = false;
    if (c.to == readout && c.from != readout && c.from != input_name) {
      c.delay = {};
    }
  }
  return plan;
}

}  // namespace backspike::testing
