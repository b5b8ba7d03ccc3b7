#pragma once
// Between a cell's parameters (what is learned, for a layer, a channel or a neuron) and its constants (what a step
// reads, per neuron). The way back is the chain rule through the cell's own `prepare`, by dual numbers.

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace backspike {

/// Memory for the numbers of one neuron, so that a second use allocates nothing.
struct neuron_numbers {
  std::vector<double> parameters, constants, gradient;

  /// The neuron's own parameters, its channel's or its layer's.
  template <class S>
  void read(const population& p, const arena<S>& values, std::size_t neuron) {
    parameters.resize(p.parameters.size());
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      parameters[k] = static_cast<double>(values.view(p.parameters[k])(0, p.column_of(k, neuron)));
    }
  }
};

/// constants[k * padded_units + neuron] for every neuron; the padding repeats the last neuron's values.
template <class S>
void prepare_constants(const population& p, const arena<S>& values, double dt, neuron_numbers& memory,
                       std::span<S> constants) {
  memory.constants.resize(p.cell->constants);
  for (std::size_t n = 0; n < p.padded_units; ++n) {
    memory.read(p, values, std::min(n, p.units - 1));
    p.cell->exact->prepare(memory.parameters.data(), dt, memory.constants.data());
    for (std::size_t k = 0; k < memory.constants.size(); ++k) {
      constants[k * p.padded_units + n] = static_cast<S>(memory.constants[k]);
    }
  }
}

/// What the error on constants [constants][padded_units] means for the parameters: add(k, column, gradient) for
/// parameter k of the cell's fields, neuron by neuron.
template <class S, class Add>
void pull_back_constants(const population& p, const arena<S>& values, double dt, const S* error_constants,
                         neuron_numbers& memory, const Add& add) {
  memory.constants.resize(p.cell->constants);
  for (std::size_t n = 0; n < p.units; ++n) {
    memory.read(p, values, n);
    for (std::size_t j = 0; j < memory.constants.size(); ++j) {
      memory.constants[j] = static_cast<double>(error_constants[j * p.padded_units + n]);
    }
    memory.gradient.assign(memory.parameters.size(), 0.0);
    p.cell->exact->prepare_adjoint(memory.parameters.data(), dt, memory.constants.data(), memory.gradient.data());
    for (std::size_t k = 0; k < memory.gradient.size(); ++k) {
      add(k, p.column_of(k, n), memory.gradient[k]);
    }
  }
}

/// The same, added to `gradient` for the learned parameters. A number that neurons share is summed in double.
void pull_back_constants(const population& p, const arena<float>& parameters, double dt,
                         std::span<const float> error_constants, arena<float>& gradient);

}  // namespace backspike
