#pragma once
// Steps in single precision: each operation as the engine's kernels do it, so that the bits are the same.

#include "deploy/c_source/c_step.hpp"

#include <map>

namespace backspike::deploy {

class float_style : public number_style {
 public:
  /// Numbers of the neurons go to tables of `text`.
  float_style(const population_program& p, std::string prefix, c_text& text);
  std::string type() const override { return "float"; }
  std::string zero() const override { return "0.0f"; }
  std::string known(node_index at) override;
  std::string written(const cell_step& step, node_index at, const std::vector<std::string>& operands) override;

 private:
  const population_program& p_;
  std::string prefix_;
  c_text& text_;
  std::vector<std::vector<float>> numbers_;  // [units][nodes]
  std::map<node_index, std::string> written_;
};

}  // namespace backspike::deploy
