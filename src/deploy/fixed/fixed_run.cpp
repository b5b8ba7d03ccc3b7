// Runs the tables of a fixed_program: what the exported C does, with the same operations.

#include "deploy/fixed/fixed_run.hpp"

#include "deploy/fixed/fixed_numbers.hpp"

#include <algorithm>
#include <cmath>

namespace backspike::deploy {

fixed_run::fixed_run(const fixed_program& program) : program_(program), net_(*program.of) {
  std::size_t widest = 0, inlets = 1, nodes = 0;
  for (const population_program& p : net_.populations) {
    states_.emplace_back(p.is->cell->states.size() * p.is->units);
    widest = std::max(widest, p.is->units);
    inlets = std::max(inlets, p.is->inlets());
    nodes = std::max(nodes, p.step.nodes.size());
    needed_.push_back(p.step.needed());
    known_.push_back(p.step.known());
  }
  for (const source_program& s : net_.sources) {
    rows_.emplace_back(s.kept);
  }
  for (const connection_program& c : net_.connections) {
    lines_.emplace_back(c.line * net_.populations[c.is->target].is->units);
  }
  current_.assign(inlets, std::vector<std::int64_t>(widest));
  part_.resize(widest);
  nodes_.resize(nodes);
}

void fixed_run::reset() {
  for (auto& state : states_) {
    std::ranges::fill(state, 0);
  }
  for (auto& kept : rows_) {
    std::ranges::for_each(kept, &event_list::clear);
  }
  for (auto& line : lines_) {
    std::ranges::fill(line, 0);
  }
  time_ = 0;
}

void fixed_run::receive(const event_row& row) {
  event_list& to = rows_[net_.input()].front();
  to.ids.assign(row.channels.begin(), row.channels.end());
  for (std::size_t e = 0; net_.graded_input && e < row.channels.size(); ++e) {
    const double value = row.values.empty() ? 1.0 : static_cast<double>(row.values[e]);
    const double most = std::ldexp(1.0, program_.spec.state_bits - 1);
    const double x = std::floor(std::ldexp(value, program_.spec.state_fraction) + 0.5);
    to.values.push_back(static_cast<std::int64_t>(std::clamp(x, -most, most - 1.0)));
  }
}

void fixed_run::step(const event_row& row) {
  for (auto& kept : rows_) {
    std::rotate(kept.begin(), kept.end() - 1, kept.end());
    kept.front().clear();
  }
  receive(row);
  depart(net_.input());
  for (const std::size_t q : net_.net->order()) {
    run_population(q);
    depart(q);
  }
  ++time_;
}

void fixed_run::depart(std::size_t source) {
  for (std::size_t k = 0; k < net_.connections.size(); ++k) {
    const connection_program& c = net_.connections[k];
    if (c.line > 0 && net_.source_of(*c.is) == source) {
      add_events(k, rows_[source].front(), lines_[k], time_ % c.line);
    }
  }
}

/// Adds stored weights of the synapses of every event, at places of `to` that begin at the line of step `now`.
void fixed_run::add_events(std::size_t k, const event_list& row, std::vector<std::int64_t>& to, std::size_t now) const {
  const connection_program& c = net_.connections[k];
  const fixed_connection& f = program_.connections[k];
  const std::size_t targets = net_.populations[c.is->target].is->units;
  for (std::size_t e = 0; e < row.ids.size(); ++e) {
    const auto id = c.is->comes_from_input() ? c.is->source_of(row.ids[e]) : std::optional<std::size_t>(row.ids[e]);
    if (!id) {
      continue;
    }
    const std::int64_t value = c.graded ? row.values[e] : 1;
    const auto add_synapse = [&](std::size_t at, std::size_t target) {
      for (std::size_t b = 0; b < c.taps; ++b) {
        const std::size_t line = c.line == 0 ? 0 : (now + c.arrival[at] + b) % c.line;
        to[line * targets + target] += (f.stored[at * c.taps + b] - f.zero) * value;
      }
    };
    if (c.form == synapse_form::matrix) {
      for (std::size_t t = 0; t < targets; ++t) {
        add_synapse(*id * targets + t, t);
      }
    } else if (c.form == synapse_form::list) {
      for (std::size_t s = c.first[*id]; s < c.first[*id + 1]; ++s) {
        add_synapse(s, c.target[s]);
      }
    } else {
      const std::size_t columns = c.is->synapses.patches.channels_out;
      each_patch_run(static_cast<std::uint32_t>(*id), c.is->synapses.patches, [&](const synapse_run& run) {
        for (std::uint32_t t = 0; t < run.length; ++t) {
          add_synapse(run.row * columns + run.column + t, run.target + t);
        }
      });
    }
  }
}

/// What arrives over a connection in this step.
void fixed_run::add(std::size_t k, std::vector<std::int64_t>& to) {
  const connection_program& c = net_.connections[k];
  const fixed_connection& f = program_.connections[k];
  const std::size_t targets = net_.populations[c.is->target].is->units;
  std::int64_t* sums = part_.data();
  if (c.line > 0) {
    sums = lines_[k].data() + time_ % c.line * targets;
  } else {
    add_events(k, rows_[net_.source_of(*c.is)][c.is->base_delay], part_, 0);
  }
  for (std::size_t t = 0; t < targets; ++t) {
    to[t] = fixed_add(to[t], fixed_weigh(sums[t], f.factor[t], f.shift));
    sums[t] = 0;
  }
}

void fixed_run::run_population(std::size_t q) {
  const population& p = *net_.populations[q].is;
  const fixed_population& f = program_.populations[q];
  for (std::size_t r = 0; r < p.inlets(); ++r) {
    std::fill_n(current_[r].begin(), p.units, 0);
  }
  std::ranges::copy(f.bias, current_[0].begin());
  for (const std::size_t k : p.inputs) {
    add(k, current_[net_.connections[k].is->receptor]);
  }
  for (std::size_t n = 0; n < p.units; ++n) {
    step_neuron(q, n);
  }
}

void fixed_run::step_neuron(std::size_t q, std::size_t n) {
  const fixed_population& f = program_.populations[q];
  const population& p = *net_.populations[q].is;
  for (node_index k = 0; k < f.step.nodes.size(); ++k) {
    if (needed_[q][k] && !known_[q][k]) {
      nodes_[k] = value_of(f, k, q, n);
    }
  }
  const auto result = [&](node_index k) { return known_[q][k] ? f.numbers[k][n] : nodes_[k]; };
  for (std::size_t s = 0; s < f.step.states.size(); ++s) {
    states_[q][s * p.units + n] = fixed_keep(result(f.step.states[s]), program_.spec.state_bits);
  }
  const std::int64_t sent = result(f.step.output);
  if (p.cell->spiking ? sent > 0 : sent != 0) {
    event_list& to = rows_[q].front();
    to.ids.push_back(static_cast<std::uint32_t>(n));
    if (!p.cell->spiking) {
      to.values.push_back(sent);
    }
  }
}

std::int64_t fixed_run::value_of(const fixed_population& f, node_index k, std::size_t q, std::size_t n) const {
  const node& at = f.step.nodes[k];
  const auto operand = [&](std::size_t o) {
    const node_index x = at.operands[o];
    return known_[q][x] ? f.numbers[x][n] : nodes_[x];
  };
  switch (at.what) {
    case operation::state:
      return states_[q][at.index * net_.populations[q].is->units + n];
    case operation::input:
      return current_[at.index][n];
    case operation::add:
      return fixed_add(operand(0), operand(1));
    case operation::subtract:
      return fixed_subtract(operand(0), operand(1));
    case operation::negate:
      return fixed_subtract(0, operand(0));
    case operation::greater:
      return operand(0) > operand(1) ? 1 : 0;
    case operation::at_least:
      return operand(0) >= operand(1) ? 1 : 0;
    case operation::less:
      return operand(0) < operand(1) ? 1 : 0;
    case operation::negation:
      return operand(0) == 0 ? 1 : 0;
    case operation::choose:
      return operand(0) != 0 ? operand(1) : operand(2);
    default:
      break;
  }
  for (std::size_t o = 0; o < 2; ++o) {  // a product
    const node_index one = at.operands[o];
    if (f.gates[one]) {
      return operand(o) != 0 ? operand(1 - o) : 0;
    }
    if (const fixed_factor& factor = f.factors[one]; !factor.of.empty()) {
      return fixed_scale(operand(1 - o), factor.of[n], factor.shift);
    }
  }
  return fixed_scale(operand(0), operand(1), program_.spec.state_fraction);
}

void fixed_run::read_outputs(std::span<double> to) const {
  const double unit = std::ldexp(1.0, -program_.spec.state_fraction);
  for (const network_output& o : net_.net->output_list()) {
    const population& p = *net_.populations[o.population].is;
    const auto values = to.subspan(o.first, o.units);
    std::ranges::fill(values, 0.0);
    const event_list& row = rows_[o.population].front();
    for (std::size_t e = 0; e < row.ids.size() && !o.membrane; ++e) {
      values[row.ids[e]] = p.cell->spiking ? 1.0 : static_cast<double>(row.values[e]) * unit;
    }
    for (std::size_t n = 0; n < o.units && o.membrane; ++n) {
      values[n] = static_cast<double>(states_[o.population][p.cell->membrane() * p.units + n]) * unit;
    }
  }
}

}  // namespace backspike::deploy
