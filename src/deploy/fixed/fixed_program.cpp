// From floats to whole numbers: what of a step is multiplied by and what is added gets a form of its own.

#include "deploy/fixed/fixed_program.hpp"

#include "deploy/expression/known_numbers.hpp"
#include "deploy/fixed/weight_grid.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace backspike::deploy {
namespace {

constexpr int most_shift = 40;

bool is_literal(const node& n, double value) { return n.what == operation::literal && n.value == value; }

/// Nodes that choose between 1, 0 and such nodes.
std::vector<bool> gates_of(const cell_step& step) {
  std::vector<bool> gates(step.nodes.size(), false);
  for (std::size_t k = 0; k < gates.size(); ++k) {
    const node& n = step.nodes[k];
    const auto is_one_or_zero = [&](std::size_t o) {
      const node& x = step.nodes[n.operands[o]];
      return gates[n.operands[o]] || is_literal(x, 0.0) || is_literal(x, 1.0);
    };
    gates[k] = n.what == operation::choose && is_one_or_zero(1) && is_one_or_zero(2);
  }
  return gates;
}

class population_rounder {
 public:
  population_rounder(const population_program& p, const fixed_point_spec& spec)
      : p_(p), spec_(spec), known_(p.step.known()) {
    const std::size_t count = p.is->cell->constants;
    const std::vector<double> constants(p.constants.begin(), p.constants.end());
    for (std::size_t n = 0; n < p.is->units; ++n) {
      values_.push_back(known_numbers<double>(p.step, std::span(constants).subspan(n * count, count)));
    }
    made_.step = p.step;
    made_.gates = gates_of(p.step);
    made_.numbers.resize(p.step.nodes.size());
    made_.factors.resize(p.step.nodes.size());
  }

  fixed_population round() {
    const std::vector<bool> needed = p_.step.needed();
    for (std::size_t k = 0; k < needed.size(); ++k) {
      if (needed[k] && !known_[k]) {
        round_operands(p_.step.nodes[k]);
      }
    }
    for (const node_index s : p_.step.states) {
      add_number(s);
    }
    add_number(p_.step.output);
    for (const float b : p_.bias) {
      made_.bias.push_back(as_state(static_cast<double>(b), "bias"));
    }
    return std::move(made_);
  }

 private:
  void round_operands(const node& n) {
    if (n.what == operation::divide || n.what == operation::power) {
      throw value_error(
          "fixed point", "cell of " + p_.is->spec.name, std::string(p_.is->cell->name),
          "cells whose step has sums and products only: adex and conductance_lif divide and take exponentials");
    }
    const bool product = n.what == operation::multiply && !made_.gates[n.operands[0]] && !made_.gates[n.operands[1]];
    for (std::size_t o = 0; o < operand_count(n.what); ++o) {
      product ? add_factor(n.operands[o]) : add_number(n.operands[o]);
    }
  }

  void add_number(node_index k) {
    if (!known_[k] || !made_.numbers[k].empty()) {
      return;
    }
    std::vector<std::int64_t>& to = made_.numbers[k];
    if (is_literal(p_.step.nodes[k], -most_surrogate)) {  // far below every threshold: the end of the range is, too
      to.assign(p_.is->units, -(std::int64_t{1} << (spec_.state_bits - 1)));
      return;
    }
    for (const auto& of_neuron : values_) {
      to.push_back(as_state(of_neuron[k], "a number of its cell"));
    }
  }

  std::int64_t as_state(double x, const std::string& what) const {
    const double at = std::floor(std::ldexp(x, spec_.state_fraction) + 0.5);
    const double end = std::ldexp(1.0, spec_.state_bits - 1);
    if (!(at >= -end && at < end)) {
      throw value_error(
          "fixed point", what + " of " + p_.is->spec.name, fmt::format("{:.6g}", x),
          fmt::format("{:.6g} to below {:.6g}, what {} bits with {} behind the point hold: more state_bits",
                      -std::ldexp(end, -spec_.state_fraction), std::ldexp(end, -spec_.state_fraction), spec_.state_bits,
                      spec_.state_fraction));
    }
    return static_cast<std::int64_t>(at);
  }

  void add_factor(node_index k) {
    if (!known_[k] || !made_.factors[k].of.empty()) {
      return;
    }
    double largest = 0.0;
    for (const auto& of_neuron : values_) {
      largest = std::max(largest, std::fabs(of_neuron[k]));
    }
    fixed_factor& to = made_.factors[k];
    const int whole = largest > 0.0 ? static_cast<int>(std::floor(std::log2(largest))) + 1 : 0;
    to.shift = std::min(spec_.factor_bits - 1 - whole, most_shift);
    if (to.shift < 0) {
      throw value_error("fixed point", "a gain of " + p_.is->spec.name, fmt::format("{:.6g}", largest),
                        fmt::format("below {:.6g} with {} bits: more factor_bits",
                                    std::ldexp(1.0, spec_.factor_bits - 1), spec_.factor_bits));
    }
    const std::int64_t end = (std::int64_t{1} << (spec_.factor_bits - 1)) - 1;
    for (const auto& of_neuron : values_) {
      to.of.push_back(std::clamp<std::int64_t>(std::llround(std::ldexp(of_neuron[k], to.shift)), -end - 1, end));
    }
  }

  const population_program& p_;
  const fixed_point_spec& spec_;
  std::vector<bool> known_;
  std::vector<std::vector<double>> values_;
  fixed_population made_;
};

}  // namespace

fixed_program fixed_program_of(const network_program& net, const fixed_point_spec& spec) {
  check(spec);
  fixed_program made;
  made.of = &net;
  made.spec = spec;
  for (const population_program& p : net.populations) {
    made.populations.push_back(population_rounder(p, spec).round());
  }
  for (const connection_program& c : net.connections) {
    made.connections.push_back(on_grid(net, c, spec));
  }
  return made;
}

}  // namespace backspike::deploy

namespace backspike {
namespace {

void require(bool fits, const std::string& key, int value, const std::string& accepted) {
  if (!fits) {
    throw value_error("fixed point", key, std::to_string(value), accepted);
  }
}

}  // namespace

void check(const fixed_point_spec& s) {
  require(s.weight_bits >= 1 && s.weight_bits <= 16, "weight_bits", s.weight_bits, "1 to 16");
  require(s.weight_bits > 1 || !s.symmetric, "weight_bits", s.weight_bits,
          "at least 2 where the grid is symmetric: a sign alone leaves 0 only; or symmetric = false");
  require(s.state_bits >= 4 && s.state_bits <= 32, "state_bits", s.state_bits, "4 to 32");
  require(s.state_fraction >= 0 && s.state_fraction <= s.state_bits - 2, "state_fraction", s.state_fraction,
          "0 to state_bits - 2: a spike, which is 1, has to fit beside the sign");
  require(s.factor_bits >= 2 && s.factor_bits <= 31, "factor_bits", s.factor_bits, "2 to 31");
}

}  // namespace backspike
