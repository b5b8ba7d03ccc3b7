// What of a recorded step is needed, how often, and what is known before any step.

#include "deploy/expression/expression.hpp"

namespace backspike::deploy {

std::vector<bool> cell_step::needed() const {
  std::vector<bool> wanted(nodes.size(), false);
  for (const node_index s : states) {
    wanted[s] = true;
  }
  wanted[output] = true;
  for (std::size_t k = nodes.size(); k-- > 0;) {
    for (std::size_t o = 0; wanted[k] && o < operand_count(nodes[k].what); ++o) {
      wanted[nodes[k].operands[o]] = true;
    }
  }
  return wanted;
}

std::vector<std::uint32_t> cell_step::uses() const {
  const std::vector<bool> wanted = needed();
  std::vector<std::uint32_t> count(nodes.size(), 0);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    for (std::size_t o = 0; wanted[k] && o < operand_count(nodes[k].what); ++o) {
      ++count[nodes[k].operands[o]];
    }
  }
  for (const node_index s : states) {
    ++count[s];
  }
  ++count[output];
  return count;
}

std::vector<bool> cell_step::known() const {
  std::vector<bool> of(nodes.size(), false);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const operation what = nodes[k].what;
    of[k] = what != operation::state && what != operation::input;
    for (std::size_t o = 0; o < operand_count(what); ++o) {
      of[k] = of[k] && of[nodes[k].operands[o]];
    }
  }
  return of;
}

}  // namespace backspike::deploy
