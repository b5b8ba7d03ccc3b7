// Prints a recorded step: what is used once stands where it is used, the rest has a name.

#include "deploy/c_source/c_step.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike::deploy {
namespace {

bool is_truth(operation what) {
  return what == operation::greater || what == operation::at_least || what == operation::less ||
         what == operation::negation;
}

class step_printer {
 public:
  step_printer(const population_program& p, std::size_t q, number_style& style)
      : p_(p), q_(q), style_(style), known_(p.step.known()), uses_(p.step.uses()), text_(p.step.nodes.size()) {}

  std::string print() {
    const std::vector<bool> needed = p_.step.needed();
    for (node_index k = 0; k < needed.size(); ++k) {
      if (needed[k]) {
        text_[k] = known_[k] ? known(k) : name(k);
      }
    }
    return lines_ + results();
  }

 private:
  /// Known nodes under known ones need no text of their own.
  std::string known(node_index k) { return is_shown(k) ? style_.known(k) : ""; }

  bool is_shown(node_index k) const {
    for (std::size_t user = 0; user < p_.step.nodes.size(); ++user) {
      const node& n = p_.step.nodes[user];
      for (std::size_t o = 0; o < operand_count(n.what) && !known_[user]; ++o) {
        if (n.operands[o] == k) {
          return true;
        }
      }
    }
    return k == p_.step.output || std::count(p_.step.states.begin(), p_.step.states.end(), k) > 0;
  }

  std::string name(node_index k) {
    const node& n = p_.step.nodes[k];
    if (n.what == operation::state) {
      return state_name(p_, q_, n.index) + "[n]";
    }
    if (n.what == operation::input) {
      return fmt::format("current{}[n]", n.index);
    }
    std::vector<std::string> operands;
    for (std::size_t o = 0; o < operand_count(n.what); ++o) {
      operands.push_back(text_[n.operands[o]]);
    }
    const std::string written = style_.written(p_.step, k, operands);
    if (uses_[k] == 1) {
      return "(" + written + ")";
    }
    lines_ +=
        fmt::format("    const {} x{} = {};\n", is_truth(n.what) ? std::string("int") : style_.type(), k, written);
    return fmt::format("x{}", k);
  }

  /// All are made before the first one is kept: they read the states of before the step.
  std::string results() {
    std::string made, kept;
    for (std::size_t k = 0; k < p_.step.states.size(); ++k) {
      const std::string state(p_.is->cell->states[k]);
      made += fmt::format("    const {} new_{} = {};\n", style_.type(), state, text_[p_.step.states[k]]);
      kept += fmt::format("    {}[n] = {};\n", state_name(p_, q_, k), style_.kept("new_" + state));
    }
    made += fmt::format("    const {} sent = {};\n", style_.type(), text_[p_.step.output]);
    return made + kept;
  }

  const population_program& p_;
  std::size_t q_;
  number_style& style_;
  std::vector<bool> known_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::string> text_;
  std::string lines_;
};

}  // namespace

std::string population_name(const population_program& p, std::size_t q) {
  return fmt::format("l{}_{}", q, identifier(p.is->spec.name));
}

std::string state_name(const population_program& p, std::size_t q, std::size_t variable) {
  return population_name(p, q) + "_" + std::string(p.is->cell->states[variable]);
}

std::string step_statements(const population_program& p, std::size_t q, number_style& style) {
  return step_printer(p, q, style).print();
}

}  // namespace backspike::deploy
