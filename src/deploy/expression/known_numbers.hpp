#pragma once
// What of a step is known before any step: numbers of a neuron that only its constants enter, computed once as the step
// would compute them each time.

#include "deploy/expression/expression.hpp"

#include <cmath>
#include <span>
#include <vector>

namespace backspike::deploy {

namespace detail {
/// Truths are 1 and 0.
template <class S>
S compute(operation what, S a, S b, S c) {
  switch (what) {
    case operation::add:
      return a + b;
    case operation::subtract:
      return a - b;
    case operation::multiply:
      return a * b;
    case operation::divide:
      return a / b;
    case operation::negate:
      return -a;
    case operation::power:
      return std::ldexp(a, static_cast<int>(b));
    case operation::greater:
      return a > b ? S(1) : S(0);
    case operation::at_least:
      return a >= b ? S(1) : S(0);
    case operation::less:
      return a < b ? S(1) : S(0);
    case operation::negation:
      return a == S(0) ? S(1) : S(0);
    default:
      return a != S(0) ? b : c;  // choose
  }
}
}  // namespace detail

/// The value of every known node for a neuron with these constants; 0 for the others.
template <class S>
std::vector<S> known_numbers(const cell_step& step, std::span<const S> constants) {
  const std::vector<bool> known = step.known();
  std::vector<S> values(step.nodes.size(), S(0));
  for (std::size_t k = 0; k < step.nodes.size(); ++k) {
    const node& n = step.nodes[k];
    if (known[k]) {
      const auto of = [&](std::size_t o) { return values[n.operands[o]]; };
      values[k] = n.what == operation::literal    ? static_cast<S>(n.value)
                  : n.what == operation::constant ? constants[n.index]
                                                  : detail::compute(n.what, of(0), of(1), of(2));
    }
  }
  return values;
}

}  // namespace backspike::deploy
