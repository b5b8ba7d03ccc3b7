#pragma once
// Random graphs that e-prop takes: all of graph_plan.hpp but analog populations inside, late ways into the readout,
// dropout, noise and membranes that are read.

#include "gradient/graph/clear_samples.hpp"
#include "gradient/graph/graph_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace backspike::testing {

/// Later in the order of a step.
inline bool is_behind(const network& net, std::size_t q, std::size_t other) {
  return std::ranges::find(net.order(), q) > std::ranges::find(net.order(), other);
}

/// Connections from an analog output, which e-prop has no trace for where they lead to another output.
inline void cut_after_analog_outputs(network_spec& spec) {
  const network net(spec);
  std::vector<std::string> analog;
  for (const population& p : net.populations()) {
    if (p.is_output && !p.cell->spiking) {
      analog.push_back(p.spec.name);
    }
  }
  std::erase_if(spec.connections,
                [&](const connection_spec& c) { return std::ranges::find(analog, c.from) != analog.end(); });
}

/// `delays`: that connections have beyond their fixed one; e-prop leaves them as they are.
inline trial_plan eprop_graph_plan(std::uint64_t seed, bool delays) {
  graph_limits limits;
  limits.analog = limits.late_readout = false;
  limits.delays = delays;
  limits.one_low_pass = true;
  limits.membranes = false;
  limits.dropout = limits.noise = false;  // a connection's own dropout has no part in e-prop's signals
  trial_plan plan = graph_plan(seed, limits);
  if (!plan.network.outputs.empty()) {
    cut_after_analog_outputs(plan.network);
  }
  const network net(plan.network);
  for (std::size_t k = 0; k < plan.network.connections.size(); ++k) {
    connection_spec& c = plan.network.connections[k];
    const connection& planned = *std::ranges::find(net.connections(), c.name, &connection::name);
    c.delay.learn = c.delay.width.learn = false;
    if (!planned.comes_from_input() && net.populations()[planned.target].is_output &&
        planned.source != planned.target) {
      c.delay = {};
      c.base_delay = is_behind(net, planned.target, planned.source) ? 0 : c.base_delay;
    }
  }
  return plan;
}

}  // namespace backspike::testing
