#pragma once
// The dense path, backward: backpropagation through time on any scalar S. The local Jacobians are dual numbers over
// the cells' own `step` and `prepare`; the sums over connections are plain loops.

#include <backspike/gradient/dense_forward.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace backspike {

/// Errors of one population: of one sample, except for those on constants and taps, which add up over a batch.
template <class S>
struct dense_errors {
  std::vector<S> output;             // [steps][units] dL/d output
  std::vector<S> membrane;           // [steps][units] dL/d membrane of an objective that reads it; empty: none does
  std::vector<S> current;            // [steps][units][receptors] dL/d current
  std::vector<S> state;              // [units][states] dL/d state, before the step that was last visited
  std::vector<S> constants;          // [units][constants]
  std::vector<std::vector<S>> taps;  // [connections] [synapses][max + 1] of delays into this population
};

namespace detail {

/// Turns the errors on outputs and states after step t into those on currents, constants and states before it.
template <class S>
void dense_back_step(const dense_model<S>& m, std::size_t q, const dense_population<S>& x, dense_errors<S>& e,
                     std::size_t t) {
  const cell_info& cell = *m.at(q).cell;
  const std::size_t states = cell.states.size(), inputs = cell.inputs(), columns = cell.columns(),
                    units = m.at(q).units;
  std::vector<S> jacobian((states + 1) * columns), after(states), error(columns);
  for (std::size_t n = 0; n < units; ++n) {
    const std::size_t at = t * units + n;
    S* error_state = e.state.data() + n * states;
    if (!e.membrane.empty()) {
      error_state[cell.membrane()] = error_state[cell.membrane()] + e.membrane[at];
    }
    std::copy_n(x.before.data() + at * states, states, after.data());
    cell.template ops<S>().jacobian(after.data(), m.constants[q].data() + n * cell.constants,
                                    x.current.data() + at * inputs, m.spike_of(q), jacobian.data());
    for (std::size_t j = 0; j < columns; ++j) {
      error[j] = e.output[at] * jacobian[states * columns + j];
      for (std::size_t k = 0; k < states; ++k) {
        error[j] = error[j] + error_state[k] * jacobian[k * columns + j];
      }
    }
    std::copy_n(error.data(), states, error_state);
    std::copy_n(error.data() + states, inputs, e.current.data() + at * inputs);
    S* error_constants = e.constants.data() + n * cell.constants;
    for (std::size_t k = 0; k < cell.constants; ++k) {
      error_constants[k] = error_constants[k] + error[states + inputs + k];
    }
  }
}

/// The error on the current of step t, passed on to taps and to the source's output.
template <class S>
void send_back_late(const dense_model<S>& m, const connection& c, const dense_sample<S>& x, const dataset& data,
                    std::uint32_t sample, std::size_t t, std::vector<dense_errors<S>>& e) {
  const std::size_t index = m.index_of(c);
  const auto error = row_of(std::as_const(e[c.target].current).data(), m.at(c.target), t, c.receptor);
  const dense_kernels<S>& kernels = m.kernels[index];
  const auto weight = m.parameters->view(c.weight);
  std::vector<S>& taps = e[c.target].taps[index];
  for (std::size_t b = 0; b < kernels.bins; ++b) {
    for_each_source(c, x, data, sample, t, c.base_delay + b, [&](std::size_t k, const S& value) {
      S back = constant<S>(0.0);
      std::size_t i = kernels.first[k];
      each_synapse(c, k, [&](const synapse& s) {
        S& tap = taps[i * kernels.bins + b];
        tap = tap + value * error[s.target];
        back = back + weight_of<S>(weight, s) * kernels.of(i++)[b] * error[s.target];
      });
      if (!c.comes_from_input()) {
        S& output = e[c.source].output[(t - c.base_delay - b) * c.source_units + k];
        output = output + with_draw(x, c, k, back);
      }
    });
  }
}

/// The error on the current of step t, passed on to weights and the source's output.
template <class S>
void send_back(const dense_model<S>& m, const connection& c, const dense_sample<S>& x, const dataset& data,
               std::uint32_t sample, std::size_t t, std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  if (c.has_delays()) {
    send_back_late(m, c, x, data, sample, t, e);
    return;
  }
  const auto error = row_of(std::as_const(e[c.target].current).data(), m.at(c.target), t, c.receptor);
  const auto weight = m.parameters->view(c.weight);
  const auto into = gradient.view(c.weight);
  for_each_source(c, x, data, sample, t, c.base_delay, [&](std::size_t k, const S& value) {
    S sum = constant<S>(0.0);
    each_synapse(c, k, [&](const synapse& s) {
      S& to = into(s.row, s.column);
      to = to + with_factor<S>(value, s) * error[s.target];
      sum = sum + weight_of<S>(weight, s) * error[s.target];
    });
    if (!c.comes_from_input()) {
      S& back = e[c.source].output[(t - c.base_delay) * c.source_units + k];
      back = back + with_draw(x, c, k, sum);
    }
  });
}

/// The error on the current of step t, passed on to the bias and to all connections.
template <class S>
void send_back_current(const dense_model<S>& m, std::size_t q, const dense_sample<S>& x, const dataset& data,
                       std::uint32_t sample, std::size_t t, std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  const population& p = m.at(q);
  for (std::size_t n = 0; n < p.units && p.bias != no_parameter; ++n) {
    S& bias = gradient.view(p.bias)(0, p.column_of_bias(n));
    bias = bias + row_of(e[q].current.data(), p, t)[n];
  }
  for (const std::size_t k : p.inputs) {
    send_back(m, m.net->connections()[k], x, data, sample, t, e, gradient);
  }
}

/// Through the cell's `prepare`, from constants to parameters; a shared parameter sums over the neurons that share it.
template <class S>
void dense_pull_back(const population& p, const arena<S>& parameters, double dt, const std::vector<S>& error,
                     arena<S>& gradient) {
  std::vector<S> in, sum;
  for (std::size_t n = 0; n < p.units; ++n) {
    dense_parameters(p, parameters, n, in);
    sum.assign(in.size(), constant<S>(0.0));
    p.cell->template ops<S>().prepare_adjoint(in.data(), dt, error.data() + n * p.cell->constants, sum.data());
    for (std::size_t k = 0; k < sum.size(); ++k) {
      S& total = gradient.view(p.parameters[k])(0, p.column_of(k, n));
      total = total + sum[k];
    }
  }
}

}  // namespace detail

/// Errors of a network without any yet.
template <class S>
std::vector<dense_errors<S>> dense_no_errors(const dense_model<S>& m) {
  std::vector<dense_errors<S>> e(m.net->populations().size());
  for (std::size_t q = 0; q < e.size(); ++q) {
    e[q].constants.assign(m.constants[q].size(), constant<S>(0.0));
    e[q].taps.resize(m.kernels.size());
  }
  for (const connection& c : m.net->connections()) {
    const std::size_t k = m.index_of(c);
    e[c.target].taps[k].assign(m.kernels[k].value.size(), constant<S>(0.0));
  }
  return e;
}

/// Where the objective's error on an output belongs.
template <class S>
trace_view<S> error_on(const network_output& o, std::vector<dense_errors<S>>& e, std::size_t steps) {
  dense_errors<S>& of = e[o.population];
  return {(o.membrane ? of.membrane : of.output).data(), steps, o.units, o.units};
}

/// One sample backward. On entry e[q].output and e[q].membrane are the errors as far as the objective knows them,
/// [steps][units].
template <class S>
void dense_backward(const dense_model<S>& m, const dense_sample<S>& x, const dataset& data, std::uint32_t sample,
                    std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  for (std::size_t q = 0; q < e.size(); ++q) {
    e[q].current.assign(x.populations[q].current.size(), constant<S>(0.0));
    e[q].state.assign(x.populations[q].state.size(), constant<S>(0.0));
  }
  for (std::size_t t = x.steps; t-- > 0;) {
    for (std::size_t j = m.net->order().size(); j-- > 0;) {
      const std::size_t q = m.net->order()[j];
      detail::dense_back_step(m, q, x.populations[q], e[q], t);
      detail::send_back_current(m, q, x, data, sample, t, e, gradient);
    }
  }
}

/// Adds the gradient of every cell parameter, learned or not, from the errors on constants of a whole batch, and that
/// of delayed weights, delays and widths from the errors on taps.
template <class S>
void dense_pull_back(const dense_model<S>& m, const std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  for (std::size_t q = 0; q < e.size(); ++q) {
    detail::dense_pull_back(m.at(q), *m.parameters, m.net->spec().dt, e[q].constants, gradient);
  }
  for (const connection& c : m.net->connections()) {
    const std::size_t k = m.index_of(c);
    if (c.has_delays()) {
      detail::pull_back_taps(c, *m.parameters, m.kernels[k], e[c.target].taps[k], gradient);
    }
  }
}

}  // namespace backspike
