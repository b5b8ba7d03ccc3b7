#pragma once
// The dense path, backward: backpropagation through time on any scalar S. The local Jacobians are dual numbers over
// the cells' own `step` and `prepare`; the sums over connections are plain loops.

#include <backspike/gradient/dense_forward.hpp>

#include <vector>

namespace backspike {

/// Errors of one population: of one sample, except for error_constants, which add up over a batch.
template <class S>
struct dense_errors {
  std::vector<S> output;     // [steps][units] dL/d output
  std::vector<S> current;    // [steps][units] dL/d current
  std::vector<S> state;      // [units][states] dL/d state, before the step that was last visited
  std::vector<S> constants;  // [units][constants]
};

namespace detail {

/// D(value, direction) for every member of a struct of Ds.
template <class D, class Struct, class S>
Struct seeded(const S* values, std::size_t direction) {
  Struct x;
  for (std::size_t k = 0; k < sizeof(Struct) / sizeof(D); ++k) {
    members<D>(x)[k] = D(values[k], direction + k);
  }
  return x;
}

/// Turns the error on one neuron's output and state after step t into that on its current, constants and state before.
template <class Cell, class S>
void dense_adjoint(const S* before, const S* constants, const S& current, const spike_function& spike,
                   const S& error_output, S* error_state, S& error_current, S* error_constants) {
  constexpr std::size_t states = state_count<Cell>, constants_n = constant_count<Cell>;
  using D = dual<S, states + 1 + constants_n>;
  auto x = seeded<D, typename Cell::template state<D>>(before, 0);
  const auto c = seeded<D, typename Cell::template constants<D>>(constants, states + 1);
  const D out = Cell::step(x, c, D(current, states), spike);
  std::vector<S> error(D::directions);
  for (std::size_t j = 0; j < D::directions; ++j) {
    error[j] = error_output * out.d[j];
    for (std::size_t k = 0; k < states; ++k) {
      error[j] = error[j] + error_state[k] * members<D>(x)[k].d[j];
    }
  }
  std::copy_n(error.data(), states, error_state);
  error_current = error[states];
  for (std::size_t k = 0; k < constants_n; ++k) {
    error_constants[k] = error_constants[k] + error[states + 1 + k];
  }
}

template <class Cell, class S>
void dense_back_step(const dense_model<S>& m, std::size_t q, const dense_population<S>& x, dense_errors<S>& e,
                     std::size_t t) {
  constexpr std::size_t states = state_count<Cell>, constants = constant_count<Cell>;
  const std::size_t units = m.at(q).units;
  for (std::size_t n = 0; n < units; ++n) {
    const std::size_t at = t * units + n;
    dense_adjoint<Cell, S>(x.before.data() + at * states, m.constants[q].data() + n * constants, x.current[at],
                           m.spike_of(q), e.output[at], e.state.data() + n * states, e.current[at],
                           e.constants.data() + n * constants);
  }
}

/// The error on the current of step t, passed on to weights, bias and the source's output.
template <class S>
void send_back(const dense_model<S>& m, const connection& c, const dense_sample<S>& x, const dataset& data,
               std::uint32_t sample, std::size_t t, std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  const std::size_t units = m.at(c.target).units;
  const S* error = e[c.target].current.data() + t * units;
  const auto add_error = [&](S* to, const S& factor) {
    for (std::size_t n = 0; n < units; ++n) {
      to[n] = to[n] + factor * error[n];
    }
  };
  if (c.bias != no_parameter) {
    add_error(gradient.view(c.bias).data, constant<S>(1.0));
  }
  const auto weight = m.parameters->view(c.weight);
  const auto into = gradient.view(c.weight);
  for_each_source(c, x, data, sample, t, [&](std::size_t k, const S& value) {
    add_error(into.row(k), value);
    if (c.source != network_input) {
      S& back = e[c.source].output[(t - c.delay) * c.source_units + k];
      for (std::size_t n = 0; n < units; ++n) {
        back = back + weight(k, n) * error[n];
      }
    }
  });
}

/// Through the cell's `prepare`, from constants to parameters; a shared parameter sums over its layer.
template <class Cell, class S>
void dense_pull_back(const population& p, const arena<S>& parameters, double dt, const std::vector<S>& error,
                     arena<S>& gradient) {
  using D = dual<S, parameter_count<Cell>>;
  for (std::size_t n = 0; n < p.units; ++n) {
    const auto in = dense_parameters<Cell, D>(p, parameters, n, [](const S& x, std::size_t k) { return D(x, k); });
    auto out = Cell::template prepare<D>(in, dt);
    for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
      const auto view = gradient.view(p.parameters[k]);
      S& sum = view(0, view.cols == 1 ? 0 : n);
      for (std::size_t j = 0; j < constant_count<Cell>; ++j) {
        sum = sum + error[n * constant_count<Cell> + j] * members<D>(out)[j].d[k];
      }
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
  }
  return e;
}

/// One sample backward. On entry e[q].output is dL/d output as far as the objective knows it, [steps][units].
template <class S>
void dense_backward(const dense_model<S>& m, const dense_sample<S>& x, const dataset& data, std::uint32_t sample,
                    std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  for (std::size_t q = 0; q < e.size(); ++q) {
    e[q].current.assign(x.populations[q].current.size(), constant<S>(0.0));
    e[q].state.assign(x.populations[q].state.size(), constant<S>(0.0));
  }
  for (std::size_t t = x.steps; t-- > 0;) {
    for (std::size_t q = e.size(); q-- > 0;) {
      visit_cell(m.at(q).cell->index,
                 [&]<class Cell>() { detail::dense_back_step<Cell, S>(m, q, x.populations[q], e[q], t); });
      for (const connection& c : m.net->connections()) {
        if (c.target == q) {
          detail::send_back(m, c, x, data, sample, t, e, gradient);
        }
      }
    }
  }
}

/// Adds the gradient of every cell parameter, learned or not, from the errors on constants of a whole batch.
template <class S>
void dense_pull_back(const dense_model<S>& m, const std::vector<dense_errors<S>>& e, arena<S>& gradient) {
  for (std::size_t q = 0; q < e.size(); ++q) {
    visit_cell(m.at(q).cell->index, [&]<class Cell>() {
      detail::dense_pull_back<Cell, S>(m.at(q), *m.parameters, m.net->spec().dt, e[q].constants, gradient);
    });
  }
}

}  // namespace backspike
