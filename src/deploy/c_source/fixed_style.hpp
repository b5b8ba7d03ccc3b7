#pragma once
// Steps in fixed point, by calls of the few functions that network.c has for them.

#include "deploy/c_source/c_step.hpp"
#include "deploy/fixed/fixed_program.hpp"

#include <map>

namespace backspike::deploy {

class fixed_style : public number_style {
 public:
  /// Numbers of the neurons go to tables of `text`.
  fixed_style(const fixed_program& program, std::size_t q, std::string prefix, c_text& text);
  std::string type() const override { return "int32_t"; }
  std::string zero() const override { return "0"; }
  std::string known(node_index at) override;
  std::string written(const cell_step& step, node_index at, const std::vector<std::string>& operands) override;
  std::string kept(const std::string& value) override;

 private:
  std::string numbers(const std::vector<std::int64_t>& values, const std::string& name);
  std::string product(const cell_step& step, node_index at, const std::vector<std::string>& operands);

  const fixed_program& program_;
  const fixed_population& p_;
  std::string prefix_;
  c_text& text_;
  std::map<std::string, std::string> written_;
};

}  // namespace backspike::deploy
