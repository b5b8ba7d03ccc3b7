// Writes operations on floats, and what is known of the neurons as numbers or tables.

#include "deploy/c_source/float_style.hpp"

#include "deploy/expression/known_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike::deploy {

float_style::float_style(const population_program& p, std::string prefix, c_text& text)
    : p_(p), prefix_(std::move(prefix)), text_(text) {
  const std::size_t count = p.is->cell->constants;
  for (std::size_t n = 0; n < p.is->units; ++n) {
    numbers_.push_back(known_numbers<float>(p.step, std::span(p.constants).subspan(n * count, count)));
  }
}

/// One number where all neurons have the same, else a table.
std::string float_style::known(node_index at) {
  if (const auto found = written_.find(at); found != written_.end()) {
    return found->second;
  }
  std::vector<float> values;
  for (const auto& of_neuron : numbers_) {
    values.push_back(of_neuron[at]);
  }
  std::string name = literal(values[0]);
  if (std::ranges::any_of(values, [&](float x) { return x != values[0]; })) {
    const std::string table = fmt::format("{}_c{}", prefix_, at);
    text_.table<float>(float_type, table, values);
    name = table + "[n]";
  } else if (values[0] < 0.0f) {
    name = "(" + name + ")";
  }
  return written_[at] = name;
}

std::string float_style::written(const cell_step& step, node_index at, const std::vector<std::string>& x) {
  switch (step.nodes[at].what) {
    case operation::add:
      return x[0] + " + " + x[1];
    case operation::subtract:
      return x[0] + " - " + x[1];
    case operation::multiply:
      return x[0] + " * " + x[1];
    case operation::divide:
      return x[0] + " / " + x[1];
    case operation::negate:
      return "-" + x[0];
    case operation::power:
      return "ldexpf(" + x[0] + ", (int)" + x[1] + ")";
    case operation::greater:
      return x[0] + " > " + x[1];
    case operation::at_least:
      return x[0] + " >= " + x[1];
    case operation::less:
      return x[0] + " < " + x[1];
    case operation::negation:
      return "!" + x[0];
    default:
      return x[0] + " ? " + x[1] + " : " + x[2];  // choose; leaves have no text of their own
  }
}

}  // namespace backspike::deploy
