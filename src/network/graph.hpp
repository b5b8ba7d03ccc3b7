#pragma once
// The order in which populations run: groups that feed back into each other, each after what it receives from.

#include <cstddef>
#include <span>
#include <vector>

namespace backspike {

struct graph_edge {
  std::size_t from, to;
  bool delayed;  // by one step at least
};

/// Nodes of a loop without any delay, the first one again at its end; empty: there is none.
std::vector<std::size_t> loop_without_delay(std::size_t nodes, std::span<const graph_edge> edges);

/// Strongly connected groups, each after those that lead to it; the nodes of a group after those that reach them
/// without delay. What is free follows the numbers of nodes. There must be no loop without delay.
std::vector<std::vector<std::size_t>> ordered_groups(std::size_t nodes, std::span<const graph_edge> edges);

}  // namespace backspike
