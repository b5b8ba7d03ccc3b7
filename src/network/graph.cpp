// Finds strongly connected groups (Kosaraju's algorithm, without recursion: files may hold many layers) and sorts them.

#include "network/graph.hpp"

#include <algorithm>
#include <queue>

namespace backspike {
namespace {

using lists = std::vector<std::vector<std::size_t>>;

lists successors(std::size_t nodes, std::span<const graph_edge> edges, bool backwards) {
  lists to(nodes);
  for (const graph_edge& e : edges) {
    to[backwards ? e.to : e.from].push_back(backwards ? e.from : e.to);
  }
  return to;
}

/// Adds the nodes that are reached from `start` and were not seen before to `out`, each after all that it leads to.
void add_reached(const lists& to, std::size_t start, std::vector<bool>& seen, std::vector<std::size_t>& out) {
  struct visit {
    std::size_t node, next;
  };
  std::vector<visit> way;
  if (!seen[start]) {
    seen[start] = true;
    way.push_back({start, 0});
  }
  while (!way.empty()) {
    visit& here = way.back();
    if (here.next == to[here.node].size()) {
      out.push_back(here.node);
      way.pop_back();
      continue;
    }
    const std::size_t next = to[here.node][here.next++];
    if (!seen[next]) {
      seen[next] = true;
      way.push_back({next, 0});
    }
  }
}

lists strong_groups(std::size_t nodes, std::span<const graph_edge> edges) {
  std::vector<bool> seen(nodes, false);
  std::vector<std::size_t> finished;
  const lists forwards = successors(nodes, edges, false), backwards = successors(nodes, edges, true);
  for (std::size_t n = 0; n < nodes; ++n) {
    add_reached(forwards, n, seen, finished);
  }
  seen.assign(nodes, false);
  lists groups;
  for (std::size_t k = finished.size(); k-- > 0;) {
    std::vector<std::size_t> group;
    add_reached(backwards, finished[k], seen, group);
    if (!group.empty()) {
      groups.push_back(group);
    }
  }
  return groups;
}

/// Every node after those that lead to it, the least number first; nodes on a loop, and behind one, are left out.
std::vector<std::size_t> sorted(std::size_t nodes, std::span<const graph_edge> edges) {
  std::vector<std::size_t> waits(nodes, 0), order;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  const lists to = successors(nodes, edges, false);
  for (const graph_edge& e : edges) {
    ++waits[e.to];
  }
  for (std::size_t n = 0; n < nodes; ++n) {
    if (waits[n] == 0) {
      ready.push(n);
    }
  }
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const std::size_t next : to[order.back()]) {
      if (--waits[next] == 0) {
        ready.push(next);
      }
    }
  }
  return order;
}

std::vector<graph_edge> undelayed(std::span<const graph_edge> edges) {
  std::vector<graph_edge> kept;
  std::ranges::copy_if(edges, std::back_inserter(kept), [](const graph_edge& e) { return !e.delayed; });
  return kept;
}

}  // namespace

std::vector<std::size_t> loop_without_delay(std::size_t nodes, std::span<const graph_edge> edges) {
  const std::vector<graph_edge> direct = undelayed(edges);
  std::vector<bool> left(nodes, true);
  for (const std::size_t n : sorted(nodes, direct)) {
    left[n] = false;
  }
  const auto first = std::ranges::find(left, true);
  if (first == left.end()) {
    return {};
  }
  // Each node that is left has one before it that is left, too: going back from it ends in a loop.
  std::vector<std::size_t> way{static_cast<std::size_t>(first - left.begin())};
  while (true) {
    const auto before =
        std::ranges::find_if(direct, [&](const graph_edge& e) { return e.to == way.back() && left[e.from]; });
    const auto again = std::ranges::find(way, before->from);
    if (again != way.end()) {
      std::vector<std::size_t> loop(again, way.end());
      loop.push_back(before->from);
      std::ranges::reverse(loop);
      return loop;
    }
    way.push_back(before->from);
  }
}

std::vector<std::vector<std::size_t>> ordered_groups(std::size_t nodes, std::span<const graph_edge> edges) {
  lists groups = strong_groups(nodes, edges);
  std::ranges::sort(groups, {}, [](const auto& g) { return *std::ranges::min_element(g); });
  std::vector<std::size_t> group_of(nodes, 0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t n : groups[g]) {
      group_of[n] = g;
    }
    groups[g].clear();
  }
  for (const std::size_t n : sorted(nodes, undelayed(edges))) {
    groups[group_of[n]].push_back(n);
  }
  std::vector<graph_edge> between;
  for (const graph_edge& e : edges) {
    if (group_of[e.from] != group_of[e.to]) {
      between.push_back({group_of[e.from], group_of[e.to], false});
    }
  }
  lists result;
  for (const std::size_t g : sorted(groups.size(), between)) {
    result.push_back(groups[g]);
  }
  return result;
}

}  // namespace backspike
