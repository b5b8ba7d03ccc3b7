#pragma once
// The step of a cell as C statements, from its recorded operations.

#include "deploy/c_source/c_text.hpp"
#include "deploy/program/program.hpp"

#include <string>

namespace backspike::deploy {

/// How a step is written in C, for numbers of one kind.
class number_style {
 public:
  virtual ~number_style() = default;
  virtual std::string type() const = 0;
  virtual std::string zero() const = 0;
  /// What a known node is called, as an operand of `user` or as a result.
  virtual std::string known(node_index at) = 0;
  /// An operation with its operands written out, each one a name, a call or in parentheses.
  virtual std::string written(const cell_step& step, node_index at, const std::vector<std::string>& operands) = 0;
  /// A state after the step, as it is kept.
  virtual std::string kept(const std::string& value) { return value; }
};

/// The name of a state variable of population q in C.
std::string state_name(const population_program& p, std::size_t q, std::size_t variable);

/// "l0_hidden1": what all of its names begin with.
std::string population_name(const population_program& p, std::size_t q);

/// Statements for neuron n that advance its states and leave its output in `sent`.
std::string step_statements(const population_program& p, std::size_t q, number_style& style);

}  // namespace backspike::deploy
