// Writes operations in fixed point, and what is known of the neurons as whole numbers or tables of them.

#include "deploy/c_source/fixed_style.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike::deploy {

fixed_style::fixed_style(const fixed_program& program, std::size_t q, std::string prefix, c_text& text)
    : program_(program), p_(program.populations[q]), prefix_(std::move(prefix)), text_(text) {}

/// One number where all neurons have the same, else a table.
std::string fixed_style::numbers(const std::vector<std::int64_t>& values, const std::string& name) {
  if (const auto found = written_.find(name); found != written_.end()) {
    return found->second;
  }
  if (std::ranges::all_of(values, [&](std::int64_t x) { return x == values[0]; })) {
    return written_[name] = values[0] < 0 ? "(" + literal(values[0]) + ")" : literal(values[0]);
  }
  text_.table<std::int64_t>({"int32_t", 4}, prefix_ + name, values);
  return written_[name] = prefix_ + name + "[n]";
}

/// What is only multiplied by is written there.
std::string fixed_style::known(node_index at) {
  return p_.numbers[at].empty() ? "" : numbers(p_.numbers[at], fmt::format("_c{}", at));
}

std::string fixed_style::product(const cell_step& step, node_index at, const std::vector<std::string>& x) {
  for (std::size_t o = 0; o < 2; ++o) {
    const node_index one = step.nodes[at].operands[o];
    if (p_.gates[one]) {
      return fmt::format("{} != 0 ? {} : 0", x[o], x[1 - o]);
    }
    if (const fixed_factor& factor = p_.factors[one]; !factor.of.empty()) {
      const std::string by = numbers(factor.of, fmt::format("_f{}", one));
      return fmt::format("bs_scale({}, {}, {})", x[1 - o], by, factor.shift);
    }
  }
  return fmt::format("bs_scale({}, {}, {})", x[0], x[1], program_.spec.state_fraction);
}

std::string fixed_style::written(const cell_step& step, node_index at, const std::vector<std::string>& x) {
  switch (step.nodes[at].what) {
    case operation::add:
      return fmt::format("bs_add({}, {})", x[0], x[1]);
    case operation::subtract:
      return fmt::format("bs_subtract({}, {})", x[0], x[1]);
    case operation::multiply:
      return product(step, at, x);
    case operation::negate:
      return fmt::format("bs_subtract(0, {})", x[0]);
    case operation::greater:
      return x[0] + " > " + x[1];
    case operation::at_least:
      return x[0] + " >= " + x[1];
    case operation::less:
      return x[0] + " < " + x[1];
    case operation::negation:
      return "!" + x[0];
    default:
      return x[0] + " ? " + x[1] + " : " + x[2];  // choose; fixed_program has refused the rest
  }
}

std::string fixed_style::kept(const std::string& value) {
  return program_.spec.state_bits == 32 ? value : "bs_keep(" + value + ")";
}

}  // namespace backspike::deploy
