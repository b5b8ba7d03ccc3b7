#pragma once
// The memory that eprop_feedback::write fills.

#include <backspike/core/memory_plan.hpp>

#include "gradient/rule/eprop/ways_forward.hpp"

#include <backspike/core/aligned.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>

#include <vector>

namespace backspike {

/// Random feedback needs no products of weights.
template <class S>
void plan_feedback(memory_plan& m, const network& net, feedback_kind kind, std::vector<std::vector<double>>& products,
                   std::vector<aligned_vector<S>>& to) {
  const std::size_t populations = net.populations().size();
  const auto ways = ways_forward(net);
  m.sets(products, populations);
  m.sets(to, populations);
  for (std::size_t q = 0; q < populations; ++q) {
    const population& layer = net.populations()[q];
    const std::size_t outputs = receives_errors(net, q, ways) ? net.outputs() : 0;
    m.list(products[q], kind == feedback_kind::random ? 0 : layer.units * outputs);
    m.list(to[q], layer.padded_units * outputs);
  }
}

}  // namespace backspike
