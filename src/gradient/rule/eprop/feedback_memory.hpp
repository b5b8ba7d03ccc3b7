#pragma once
// The memory that eprop_feedback::write fills.

#include <backspike/core/memory_plan.hpp>

#include <backspike/core/aligned.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>

#include <vector>

namespace backspike {

/// Random feedback needs no products of weights.
template <class S>
void plan_feedback(memory_plan& m, const network& net, feedback_kind kind, std::vector<std::vector<double>>& products,
                   std::vector<aligned_vector<S>>& to) {
  const std::size_t hidden = net.populations().size() - 1;
  m.sets(products, hidden);
  m.sets(to, hidden);
  for (std::size_t q = 0; q < hidden; ++q) {
    const population& layer = net.populations()[q];
    m.list(products[q], kind == feedback_kind::random ? 0 : layer.units * net.outputs());
    m.list(to[q], layer.padded_units * net.outputs());
  }
}

}  // namespace backspike
