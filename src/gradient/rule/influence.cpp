// The influence matrices of RTRL: how every parameter acts on every state, advanced step by step by the cell's
// Jacobian.

#include "gradient/rule/influence.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// Parameters that act on a population first: its connections' and its cells'.
std::vector<std::size_t> parameters_of(const network& net, std::size_t q) {
  std::vector<std::size_t> owned;
  for (const std::size_t k : net.populations()[q].inputs) {
    owned.push_back(net.connections()[k].weight);
  }
  if (net.populations()[q].bias != no_parameter) {
    owned.push_back(net.populations()[q].bias);
  }
  const auto& cell = net.populations()[q].parameters;
  owned.insert(owned.end(), cell.begin(), cell.end());
  return owned;
}

bool carries_influence(const connection& c, bool cut) {
  return c.source != network_input && !(cut && c.base_delay > 0);
}

std::size_t longest_delay(const network& net) {
  std::size_t longest = 0;
  for (const connection& c : net.connections()) {
    longest = std::max(longest, c.base_delay);
  }
  return longest;
}

/// d constants / d parameters of every neuron, from the cell's own prepare.
std::vector<double> constant_slopes(const population& p, const arena<double>& parameters, double dt) {
  const std::size_t constants = p.cell->constants, count = p.parameters.size();
  std::vector<double> in, one(constants, 0.0), all(p.units * constants * count, 0.0);
  for (std::size_t n = 0; n < p.units; ++n) {
    detail::dense_parameters(p, parameters, n, in);
    for (std::size_t k = 0; k < constants; ++k) {
      one[k] = 1.0;
      p.cell->exact->prepare_adjoint(in.data(), dt, one.data(), all.data() + (n * constants + k) * count);
      one[k] = 0.0;
    }
  }
  return all;
}

void add_scaled(double* to, const double* from, double factor, std::size_t n) {
  for (std::size_t k = 0; k < n; ++k) {
    to[k] += factor * from[k];
  }
}

}  // namespace

influence_columns::influence_columns(const network& net, const rtrl_options& options)
    : first(net.parameters().size(), none), bound(net.populations().size(), 0) {
  for (const std::size_t q : net.order()) {
    for (const std::size_t i : parameters_of(net, q)) {
      if (net.parameters()[i].learnable || options.all_parameters) {
        first[i] = count;
        count += net.parameters()[i].size();
      }
    }
    bound[q] = count;
  }
  for (std::size_t round = 0; round < bound.size(); ++round) {  // as far as a path over all populations is long
    for (const connection& c : net.connections()) {
      if (carries_influence(c, options.cut_between_neurons)) {
        bound[c.target] = std::max(bound[c.target], bound[c.source]);
      }
    }
  }
}

influence_model::influence_model(const network& net, const arena<double>& parameters, spike_mode mode,
                                 const rtrl_options& options)
    : forward(net, parameters, mode),
      columns(net, options),
      cut_between_neurons(options.cut_between_neurons),
      slots(longest_delay(net) + 1) {
  for (const population& p : net.populations()) {
    slopes.push_back(constant_slopes(p, parameters, net.spec().dt));
  }
  for (const connection& c : net.connections()) {
    incoming.emplace_back(c, net.populations()[c.target].units);
  }
}

incoming_synapses::incoming_synapses(const connection& c, std::size_t targets) : first(targets + 1, 0) {
  each_synapse(c, [&](std::uint32_t, const synapse& s) { ++first[s.target + 1]; });
  for (std::size_t n = 0; n < targets; ++n) {
    first[n + 1] += first[n];
  }
  all.resize(first.back());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  each_synapse(c, [&](std::uint32_t source, const synapse& s) { all[next[s.target]++] = {source, s}; });
}

void influence_memory::plan(memory_plan& m, const network& net, const influence_columns& columns, std::size_t slots) {
  std::size_t most_states = 0, most_inputs = 0, most_rows = 0, widest = 0;
  m.sets(layers, net.populations().size());
  for (std::size_t q = 0; q < layers.size(); ++q) {
    const population& p = net.populations()[q];
    const std::size_t states = p.cell->states.size(), bound = columns.bound[q];
    m.exactly(layers[q].state, p.units * states);
    m.exactly(layers[q].state_slope, p.units * states * bound);
    m.exactly(layers[q].output, slots * p.units);
    m.exactly(layers[q].output_slope, slots * p.units * bound);
    m.exactly(layers[q].silent, slots * p.units);
    most_states = std::max(most_states, states);
    widest = std::max(widest, p.padded_units);
    most_inputs = std::max(most_inputs, p.inlets());
    most_rows = std::max(most_rows, (states + 1) * p.cell->columns());
  }
  m.exactly(current, most_inputs);
  m.exactly(current_slope, most_inputs * columns.count);
  m.exactly(before, most_states * columns.count);
  m.exactly(row, most_rows);
  m.exactly(input, slots * net.spec().inputs);
  draws.plan(m, net);
  m.exactly(noise, net.draws() ? widest : 0);
}

influence::influence(const influence_model& m) : m_(m) {
  memory_plan take = memory_plan::take();
  memory_.plan(take, *m.forward.net, m.columns, m.slots);
}

void influence::start(const batch_draws& draws, std::uint32_t sample) {
  memory_.draws.draw(*m_.forward.net, draws, sample);
  std::ranges::fill(memory_.input, 0.0);
  for (influence_memory::layer& l : memory_.layers) {
    std::ranges::fill(l.state, 0.0);
    std::ranges::fill(l.state_slope, 0.0);
    std::ranges::fill(l.output, 0.0);
    std::ranges::fill(l.output_slope, 0.0);
    std::ranges::fill(l.silent, std::uint8_t{1});
  }
}

void influence::step(const dataset& data, std::uint32_t sample, std::size_t t) {
  slot_ = t % m_.slots;
  const std::size_t inputs = m_.forward.net->spec().inputs;
  double* input = memory_.input.data() + slot_ * inputs;
  std::fill_n(input, inputs, 0.0);
  const event_row row = data.inputs.spikes.row(data.inputs.sample_rows[sample] + t);
  for (std::size_t k = 0; k < row.channels.size(); ++k) {
    input[row.channels[k]] = row.values.empty() ? 1.0 : static_cast<double>(row.values[k]);
  }
  for (const std::size_t q : m_.forward.net->order()) {
    draw_noise(q, t);
    for (std::size_t n = 0; n < m_.forward.at(q).units; ++n) {
      gather_current(q, n, t);
      advance(q, n);
    }
  }
}

void influence::draw_noise(std::size_t q, std::size_t t) {
  if (memory_.draws.has_noise(q)) {
    std::ranges::fill(memory_.noise, 0.0f);
    memory_.draws.add_noise(q, static_cast<std::uint32_t>(t), memory_.noise.data());
  }
}

void influence::gather_current(std::size_t q, std::size_t neuron, std::size_t t) {
  const population& p = m_.forward.at(q);
  std::ranges::fill(memory_.current, 0.0);
  for (std::size_t r = 0; r < p.inlets(); ++r) {
    std::fill_n(current_slope(r), m_.columns.bound[q], 0.0);
  }
  memory_.current[0] = memory_.draws.has_noise(q) ? static_cast<double>(memory_.noise[neuron]) : 0.0;
  if (p.bias != no_parameter) {
    memory_.current[0] += m_.forward.parameters->view(p.bias)(0, p.column_of_bias(neuron));
    if (m_.columns.first[p.bias] != influence_columns::none) {
      current_slope(0)[m_.columns.first[p.bias] + p.column_of_bias(neuron)] += 1.0;
    }
  }
  for (const std::size_t k : p.inputs) {
    const connection& c = m_.forward.net->connections()[k];
    if (t >= c.base_delay) {
      const std::size_t slot = (t - c.base_delay) % m_.slots;
      const double* sent = c.comes_from_input()
                               ? memory_.input.data() + slot * m_.forward.net->spec().inputs + c.first_source
                               : memory_.layers[c.source].output.data() + slot * c.source_units;
      memory_.current[c.receptor] += gather_synapses(k, neuron, sent, slot, current_slope(c.receptor));
    }
  }
}

double influence::gather_synapses(std::size_t k, std::size_t neuron, const double* sent, std::size_t slot,
                                  double* slope) {
  const connection& c = m_.forward.net->connections()[k];
  const auto weight = m_.forward.parameters->view(c.weight);
  const std::size_t first = m_.columns.first[c.weight];
  const bool passes = carries_influence(c, m_.cut_between_neurons);
  const std::span<const float> factors = memory_.draws.factors(k);
  double current = 0.0;
  for (const auto& [source, s] : m_.incoming[k].into(neuron)) {
    const double factor = factors.empty() ? s.factor : s.factor * static_cast<double>(factors[source]);
    const double x = sent[source] * factor, w = weight(s.row, s.column);
    current += x * w;
    if (first != influence_columns::none) {
      slope[first + s.row * weight.cols + s.column] += x;
    }
    if (passes && memory_.layers[c.source].silent[slot * c.source_units + source] == 0) {
      add_scaled(slope, output_slope(c.source, slot, source), w * factor, m_.columns.bound[c.source]);
    }
  }
  return current;
}

void influence::advance(std::size_t q, std::size_t neuron) {
  const population& p = m_.forward.at(q);
  const std::size_t constants = p.cell->constants;
  influence_memory::layer& l = memory_.layers[q];
  l.output[slot_ * p.units + neuron] = p.cell->exact->jacobian(
      l.state.data() + neuron * p.cell->states.size(), m_.forward.constants[q].data() + neuron * constants,
      memory_.current.data(), m_.forward.spike_of(q), memory_.row.data());
  combine(q, neuron, memory_.row.data());
}

/// Every row of the Jacobian against the influence before the step, on the current and on the constants.
void influence::combine(std::size_t q, std::size_t neuron, const double* jacobian) {
  const population& p = m_.forward.at(q);
  const std::size_t states = p.cell->states.size(), constants = p.cell->constants, bound = m_.columns.bound[q];
  const std::size_t inputs = p.inlets(), width = p.cell->columns(), count = p.parameters.size();
  influence_memory::layer& l = memory_.layers[q];
  double* state_slope = l.state_slope.data() + neuron * states * bound;
  std::copy_n(state_slope, states * bound, memory_.before.begin());
  for (std::size_t row = 0; row <= states; ++row, jacobian += width) {
    double* to = row < states ? state_slope + row * bound : l.output_slope.data() + (slot_ * p.units + neuron) * bound;
    std::fill_n(to, bound, 0.0);
    for (std::size_t k = 0; k < states; ++k) {
      if (jacobian[k] != 0.0) {
        add_scaled(to, memory_.before.data() + k * bound, jacobian[k], bound);
      }
    }
    for (std::size_t r = 0; r < inputs; ++r) {
      if (jacobian[states + r] != 0.0) {
        add_scaled(to, current_slope(r), jacobian[states + r], bound);
      }
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t first = m_.columns.first[p.parameters[k]];
      for (std::size_t j = 0; j < constants && first != influence_columns::none; ++j) {
        to[first + p.column_of(k, neuron)] +=
            jacobian[states + inputs + j] * m_.slopes[q][(neuron * constants + j) * count + k];
      }
    }
  }
  jacobian -= width;
  l.silent[slot_ * p.units + neuron] =
      std::all_of(jacobian, jacobian + width, [](double x) { return x == 0.0; }) ? std::uint8_t{1} : std::uint8_t{0};
}

std::uint64_t rtrl_bytes(const network& net, const rtrl_options& options) {
  const influence_columns columns(net, options);
  const std::uint64_t matrices =
      booked([&](memory_plan& m) { influence_memory().plan(m, net, columns, longest_delay(net) + 1); });
  return matrices + 2 * columns.count * sizeof(double);  // the gradient, by the sample and kept for the sum
}

}  // namespace backspike
