#pragma once
// The step of a cell as a graph of operations: what is left of the C++ template when its scalar only takes notes. The C
// export prints it, and fixed point computes with it; nobody writes a cell a second time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike::deploy {

enum class operation : std::uint8_t {
  state,     // of the neuron before the step: number `index`
  constant,  // of the neuron, from its cell's prepare: number `index`
  input,     // of a receptor: number `index`
  literal,   // `value`
  add,
  subtract,
  multiply,
  divide,
  negate,
  power,    // operand 0 times 2 to the whole number in operand 1
  greater,  // these four give truth
  at_least,
  less,
  negation,
  choose,  // operand 0 is a truth: operand 1, else operand 2
};

using node_index = std::uint32_t;

struct node {
  operation what = operation::literal;
  std::uint32_t index = 0;
  double value = 0.0;
  std::array<node_index, 3> operands{};
};

/// How many operands an operation has.
constexpr std::size_t operand_count(operation what) {
  switch (what) {
    case operation::state:
    case operation::constant:
    case operation::input:
    case operation::literal:
      return 0;
    case operation::negate:
    case operation::negation:
      return 1;
    case operation::choose:
      return 3;
    default:
      return 2;
  }
}

/// Operands come before what is made of them.
struct cell_step {
  std::vector<node> nodes;
  std::vector<node_index> states;  // after the step
  node_index output = 0;           // 1 or 0 of a spiking cell, the value of another

  /// Nodes that the states after the step or the output need.
  std::vector<bool> needed() const;
  /// How often each node is an operand of a needed one, or a result.
  std::vector<std::uint32_t> uses() const;
  /// Nodes that no state and no input enters: numbers of the neuron that are known before the first step.
  std::vector<bool> known() const;
};

}  // namespace backspike::deploy
