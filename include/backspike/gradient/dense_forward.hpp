#pragma once
// The dense path, forward: the whole network on any scalar S, without events, tiles or threads. It runs the same cells
// as the event-driven engine and exists for what float cannot show: smooth mode in double, and dual numbers.

#include <backspike/core/arena.hpp>
#include <backspike/core/memory_plan.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/gradient/dense_delays.hpp>
#include <backspike/gradient/draws.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/softmax.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace backspike {

/// One population over one sample. Rows are not padded; a neuron's states and constants lie side by side.
template <class S>
struct dense_population {
  std::vector<S> state;       // [units][states] after the last step
  std::vector<S> before;      // [steps][units][states] before each step
  std::vector<S> current;     // [steps][units][receptors] input current
  std::vector<S> output;      // [steps][units] spikes (hard: 0 or 1; smooth: any size), or the value of an analog cell
  std::vector<S> membrane{};  // [steps][units] after each step, where an objective reads it
};

template <class S>
struct dense_sample {
  std::size_t steps = 0;
  std::vector<dense_population<S>> populations;
  sample_draws draws{};
  aligned_vector<float> noise{};  // of a population in one step

  /// What an objective reads of an output.
  trace_view<const S> read(const network_output& o) const {
    const dense_population<S>& x = populations[o.population];
    return {(o.membrane ? x.membrane : x.output).data(), steps, o.units, o.units};
  }
};

/// What all samples of a batch share. The network and the parameters must outlive it.
template <class S>
struct dense_model {
  const network* net;
  const arena<S>* parameters;
  spike_mode mode;
  std::vector<std::vector<S>> constants;  // [populations] [units][constants]
  std::vector<dense_kernels<S>> kernels;  // [connections]

  dense_model(const network& n, const arena<S>& p, spike_mode m);

  const population& at(std::size_t q) const { return net->populations()[q]; }
  std::size_t index_of(const connection& c) const { return static_cast<std::size_t>(&c - net->connections().data()); }
  spike_function spike_of(std::size_t q) const { return backspike::spike_of(at(q), mode); }
};

/// At rest, of so many steps.
template <class S>
void plan_dense_sample(memory_plan& m, dense_sample<S>& sample, const network& net, std::size_t steps) {
  m.sets(sample.populations, net.populations().size());
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const std::size_t units = net.populations()[q].units, states = net.populations()[q].cell->states.size();
    dense_population<S>& x = sample.populations[q];
    m.zeros(x.state, units * states);
    m.zeros(x.before, steps * units * states);
    m.zeros(x.current, steps * units * net.populations()[q].inlets());
    m.zeros(x.output, steps * units);
    m.zeros(x.membrane, net.populations()[q].shows_membrane ? steps * units : 0);
  }
}

namespace detail {

/// The currents or errors on them, [steps][units][receptors] of a population, that one of its receptors has in step t.
template <class T>
struct receptor_row {
  T* first;
  std::size_t receptors;
  T& operator[](std::size_t neuron) const { return first[neuron * receptors]; }
};
template <class T>
receptor_row<T> row_of(T* values, const population& p, std::size_t t, std::size_t receptor = 0) {
  return {values + t * p.units * p.inlets() + receptor, p.inlets()};
}

/// The parameters of one neuron: its layer's, its channel's or its own.
template <class S>
void dense_parameters(const population& p, const arena<S>& values, std::size_t neuron, std::vector<S>& in) {
  in.resize(p.parameters.size());
  for (std::size_t k = 0; k < in.size(); ++k) {
    in[k] = values.view(p.parameters[k])(0, p.column_of(k, neuron));
  }
}

template <class S>
std::vector<S> dense_constants(const population& p, const arena<S>& values, double dt) {
  std::vector<S> in, all(p.units * p.cell->constants);
  for (std::size_t n = 0; n < p.units; ++n) {
    dense_parameters(p, values, n, in);
    p.cell->template ops<S>().prepare(in.data(), dt, all.data() + n * p.cell->constants);
  }
  return all;
}

/// x times what dropout makes of what source neuron k sends over a connection.
template <class S>
S with_draw(const dense_sample<S>& sample, const connection& c, std::size_t k, const S& x) {
  const auto factors = sample.draws.factors(c.index);
  return factors.empty() ? x : x * constant<S>(static_cast<double>(factors[k]));
}

/// Calls f(source neuron, output) for what the connection carries that was sent `ago` steps before step t: nothing
/// before the first step.
template <class S, class F>
void for_each_source(const connection& c, const dense_sample<S>& x, const dataset& data, std::uint32_t sample,
                     std::size_t t, std::size_t ago, const F& f) {
  if (t < ago) {
    return;
  }
  if (c.source == network_input) {
    const event_row row = data.inputs.spikes.row(data.inputs.sample_rows[sample] + t - ago);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      if (const auto source = c.source_of(row.channels[k])) {
        const S value = constant<S>(row.values.empty() ? 1.0 : static_cast<double>(row.values[k]));
        f(*source, with_draw(x, c, *source, value));
      }
    }
    return;
  }
  const S* output = x.populations[c.source].output.data() + (t - ago) * c.source_units;
  for (std::size_t n = 0; n < c.source_units; ++n) {
    f(n, with_draw(x, c, n, output[n]));
  }
}

template <class S>
void add_late_current(const dense_model<S>& m, const connection& c, dense_sample<S>& x, const dataset& data,
                      std::uint32_t sample, std::size_t t) {
  const auto current = row_of(x.populations[c.target].current.data(), m.at(c.target), t, c.receptor);
  const dense_kernels<S>& kernels = m.kernels[m.index_of(c)];
  const auto weight = m.parameters->view(c.weight);
  for (std::size_t b = 0; b < kernels.bins; ++b) {
    for_each_source(c, x, data, sample, t, c.base_delay + b, [&](std::size_t k, const S& value) {
      std::size_t i = kernels.first[k];
      each_synapse(c, k, [&](const synapse& s) {
        current[s.target] = current[s.target] + value * (weight_of<S>(weight, s) * kernels.of(i++)[b]);
      });
    });
  }
}

template <class S>
void add_current(const dense_model<S>& m, const connection& c, dense_sample<S>& x, const dataset& data,
                 std::uint32_t sample, std::size_t t) {
  if (c.has_delays()) {
    add_late_current(m, c, x, data, sample, t);
    return;
  }
  const auto current = row_of(x.populations[c.target].current.data(), m.at(c.target), t, c.receptor);
  const auto weight = m.parameters->view(c.weight);
  for_each_source(c, x, data, sample, t, c.base_delay, [&](std::size_t n, const S& value) {
    each_synapse(c, n,
                 [&](const synapse& s) { current[s.target] = current[s.target] + value * weight_of<S>(weight, s); });
  });
}

/// What a population receives in step t: its bias, its noise, and the sum over its connections.
template <class S>
void gather_current(const dense_model<S>& m, std::size_t q, dense_sample<S>& x, const dataset& data,
                    std::uint32_t sample, std::size_t t) {
  const population& p = m.at(q);
  if (p.bias != no_parameter) {
    const auto bias = m.parameters->view(p.bias);
    const auto current = row_of(x.populations[q].current.data(), p, t);
    for (std::size_t n = 0; n < p.units; ++n) {
      current[n] = bias(0, p.column_of_bias(n));
    }
  }
  if (x.draws.has_noise(q)) {
    x.draws.add_noise(q, static_cast<std::uint32_t>(t), row_of(x.populations[q].current.data(), p, t), x.noise);
  }
  for (const std::size_t k : p.inputs) {
    add_current(m, m.net->connections()[k], x, data, sample, t);
  }
}

template <class S>
void dense_step(const dense_model<S>& m, std::size_t q, dense_population<S>& x, std::size_t t) {
  const cell_info& cell = *m.at(q).cell;
  const std::size_t states = cell.states.size(), units = m.at(q).units;
  std::ranges::copy(x.state, x.before.begin() + static_cast<std::ptrdiff_t>(t * units * states));
  for (std::size_t n = 0; n < units; ++n) {
    x.output[t * units + n] =
        cell.template ops<S>().step(x.state.data() + n * states, m.constants[q].data() + n * cell.constants,
                                    x.current.data() + (t * units + n) * cell.inputs(), m.spike_of(q));
  }
  for (std::size_t n = 0; n < units && m.at(q).shows_membrane; ++n) {
    x.membrane[t * units + n] = x.state[n * states + cell.membrane()];
  }
}

}  // namespace detail

template <class S>
dense_model<S>::dense_model(const network& n, const arena<S>& p, spike_mode m) : net(&n), parameters(&p), mode(m) {
  for (const population& q : n.populations()) {
    constants.push_back(detail::dense_constants(q, p, n.spec().dt));
  }
  for (const connection& c : n.connections()) {
    kernels.push_back(detail::kernels_of(c, p));
  }
}

/// Everything one sample does, in the memory of an earlier one. Steps outermost, populations in the order of a step.
template <class S>
void dense_forward(const dense_model<S>& m, const dataset& data, std::uint32_t sample, const batch_draws& draws,
                   dense_sample<S>& x) {
  x.steps = data.inputs.length(sample);
  memory_plan take = memory_plan::take();
  plan_dense_sample(take, x, *m.net, x.steps);
  x.draws.plan(take, *m.net);
  x.draws.draw(*m.net, draws, sample);
  for (std::size_t t = 0; t < x.steps; ++t) {
    for (const std::size_t q : m.net->order()) {
      detail::gather_current(m, q, x, data, sample, t);
      detail::dense_step(m, q, x.populations[q], t);
    }
  }
}

template <class S>
dense_sample<S> dense_forward(const dense_model<S>& m, const dataset& data, std::uint32_t sample,
                              const batch_draws& draws = {}) {
  dense_sample<S> x;
  dense_forward(m, data, sample, draws, x);
  return x;
}

}  // namespace backspike
