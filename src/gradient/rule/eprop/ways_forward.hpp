#pragma once
// Which outputs a population reaches in the order of a step: over these ways e-prop brings it their errors.

#include <backspike/network/network.hpp>

#include <algorithm>
#include <vector>

namespace backspike {

/// Later in the order of a step.
inline bool is_behind(const network& net, std::size_t q, std::size_t other) {
  const auto order = net.order();
  return std::ranges::find(order, q) > std::ranges::find(order, other);
}

/// [populations][outputs] whether a way of connections forward leads from one to the other; never from an output to
/// itself.
inline std::vector<std::vector<bool>> ways_forward(const network& net) {
  const std::size_t outputs = net.output_list().size();
  std::vector<std::vector<bool>> reached(net.populations().size(), std::vector<bool>(outputs, false));
  for (std::size_t at = net.order().size(); at-- > 0;) {
    const std::size_t q = net.order()[at];
    for (const connection& c : net.connections()) {
      for (std::size_t k = 0; c.source == q && is_behind(net, c.target, q) && k < outputs; ++k) {
        reached[q][k] = reached[q][k] || reached[c.target][k] || net.output(k).population == c.target;
      }
    }
  }
  return reached;
}

/// Whether errors of outputs are broadcast to a population: to all that are none, and to outputs that others are
/// behind.
inline bool receives_errors(const network& net, std::size_t q, const std::vector<std::vector<bool>>& ways) {
  return !net.populations()[q].is_output || std::ranges::find(ways[q], true) != ways[q].end();
}

}  // namespace backspike
