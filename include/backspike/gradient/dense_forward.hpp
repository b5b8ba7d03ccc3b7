#pragma once
// The dense path, forward: the whole network on any scalar S, without events, tiles or threads. It runs the same cells
// as the event-driven engine and exists for what float cannot show: smooth mode in double, and dual numbers.

#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/cells.hpp>
#include <backspike/core/arena.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/network.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace backspike {

/// One population over one sample. Rows are not padded; a neuron's states and constants lie side by side.
template <class S>
struct dense_population {
  std::vector<S> state;    // [units][states] after the last step
  std::vector<S> before;   // [steps][units][states] before each step
  std::vector<S> current;  // [steps][units] input current
  std::vector<S> output;   // [steps][units] spikes (hard: 0 or 1; smooth: any size), or the value of an analog cell
};

template <class S>
struct dense_sample {
  std::size_t steps = 0;
  std::vector<dense_population<S>> populations;
};

/// What all samples of a batch share. The network and the parameters must outlive it.
template <class S>
struct dense_model {
  const network* net;
  const arena<S>* parameters;
  spike_mode mode;
  std::vector<std::vector<S>> constants;  // [populations] [units][constants]

  dense_model(const network& n, const arena<S>& p, spike_mode m);

  const population& at(std::size_t q) const { return net->populations()[q]; }
  spike_function spike_of(std::size_t q) const {
    const layer_spec& s = at(q).spec;
    return {s.surrogate, s.reset, s.detach_reset, mode};
  }
};

namespace detail {

/// The parameters of one neuron, shared by its layer or its own, as T(value, index of the parameter).
template <class Cell, class T, class S, class Make>
typename Cell::template parameters<T> dense_parameters(const population& p, const arena<S>& values, std::size_t neuron,
                                                       const Make& make) {
  typename Cell::template parameters<T> in;
  for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
    const auto view = values.view(p.parameters[k]);
    members<T>(in)[k] = make(view(0, view.cols == 1 ? 0 : neuron), k);
  }
  return in;
}

template <class Cell, class S>
std::vector<S> dense_constants(const population& p, const arena<S>& values, double dt) {
  std::vector<S> all;
  for (std::size_t n = 0; n < p.units; ++n) {
    const auto in = dense_parameters<Cell, S>(p, values, n, [](const S& x, std::size_t) { return x; });
    auto out = Cell::template prepare<S>(in, dt);
    all.insert(all.end(), members<S>(out), members<S>(out) + constant_count<Cell>);
  }
  return all;
}

template <class S>
dense_sample<S> dense_at_rest(const network& net, std::size_t steps) {
  dense_sample<S> sample{steps, std::vector<dense_population<S>>(net.populations().size())};
  const S zero = constant<S>(0.0);
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const std::size_t units = net.populations()[q].units, states = net.populations()[q].cell->states.size();
    dense_population<S>& x = sample.populations[q];
    x.state.assign(units * states, zero);
    x.before.assign(steps * units * states, zero);
    x.current.assign(steps * units, zero);
    x.output.assign(steps * units, zero);
  }
  return sample;
}

/// Calls f(source neuron, output) for what the connection carries to step t: nothing before its delay has passed.
template <class S, class F>
void for_each_source(const connection& c, const dense_sample<S>& x, const dataset& data, std::uint32_t sample,
                     std::size_t t, const F& f) {
  if (t < c.delay) {
    return;
  }
  if (c.source == network_input) {
    const event_row row = data.inputs.spikes.row(data.inputs.sample_rows[sample] + t - c.delay);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      f(row.channels[k], constant<S>(row.values.empty() ? 1.0 : static_cast<double>(row.values[k])));
    }
    return;
  }
  const S* output = x.populations[c.source].output.data() + (t - c.delay) * c.source_units;
  for (std::size_t n = 0; n < c.source_units; ++n) {
    f(n, output[n]);
  }
}

template <class S>
void add_current(const dense_model<S>& m, const connection& c, dense_sample<S>& x, const dataset& data,
                 std::uint32_t sample, std::size_t t) {
  const std::size_t units = m.at(c.target).units;
  S* current = x.populations[c.target].current.data() + t * units;
  const auto add_row = [&](const S* row, const S& factor) {
    for (std::size_t n = 0; n < units; ++n) {
      current[n] = current[n] + factor * row[n];
    }
  };
  if (c.bias != no_parameter) {
    add_row(m.parameters->view(c.bias).data, constant<S>(1.0));
  }
  const auto weight = m.parameters->view(c.weight);
  for_each_source(c, x, data, sample, t, [&](std::size_t n, const S& value) { add_row(weight.row(n), value); });
}

template <class Cell, class S>
void dense_step(const dense_model<S>& m, std::size_t q, dense_population<S>& x, std::size_t t) {
  constexpr std::size_t states = state_count<Cell>, constants = constant_count<Cell>;
  const std::size_t units = m.at(q).units;
  std::ranges::copy(x.state, x.before.begin() + static_cast<std::ptrdiff_t>(t * units * states));
  for (std::size_t n = 0; n < units; ++n) {
    typename Cell::template constants<S> c;
    typename Cell::template state<S> state;
    std::copy_n(m.constants[q].data() + n * constants, constants, members<S>(c));
    std::copy_n(x.state.data() + n * states, states, members<S>(state));
    x.output[t * units + n] = Cell::step(state, c, x.current[t * units + n], m.spike_of(q));
    std::copy_n(members<S>(state), states, x.state.data() + n * states);
  }
}

}  // namespace detail

template <class S>
dense_model<S>::dense_model(const network& n, const arena<S>& p, spike_mode m) : net(&n), parameters(&p), mode(m) {
  for (const population& q : n.populations()) {
    constants.push_back(
        visit_cell(q.cell->index, [&]<class Cell>() { return detail::dense_constants<Cell, S>(q, p, n.spec().dt); }));
  }
}

/// Everything one sample does. Steps outermost, populations in order: a recurrent output arrives one step later.
template <class S>
dense_sample<S> dense_forward(const dense_model<S>& m, const dataset& data, std::uint32_t sample) {
  dense_sample<S> x = detail::dense_at_rest<S>(*m.net, data.inputs.length(sample));
  for (std::size_t t = 0; t < x.steps; ++t) {
    for (std::size_t q = 0; q < x.populations.size(); ++q) {
      for (const connection& c : m.net->connections()) {
        if (c.target == q) {
          detail::add_current(m, c, x, data, sample, t);
        }
      }
      visit_cell(m.at(q).cell->index, [&]<class Cell>() { detail::dense_step<Cell, S>(m, q, x.populations[q], t); });
    }
  }
  return x;
}

}  // namespace backspike
