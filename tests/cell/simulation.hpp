#pragma once
// One neuron in double precision, step by step.

#include <backspike/cell/receptors/receptor.hpp>
#include <backspike/cell/surrogate.hpp>

#include <vector>

namespace backspike {

inline spike_function hard(reset_kind reset) { return {surrogate_spec{}, reset, true, spike_mode::hard}; }

/// Runs a cell from rest; what is left is its state, and the output of every step.
template <class Cell>
struct simulation {
  typename Cell::template constants<double> constants;
  typename Cell::template state<double> state{};
  std::vector<double> out;
  spike_function spike = hard(reset_kind::subtract);

  simulation(const typename Cell::template parameters<double>& p, double dt)
      : constants(Cell::template prepare<double>(p, dt)) {}
  /// Of several receptors the first gets it.
  double step(double current) {
    return feed(input_of<Cell, double>([&](std::size_t r) { return r == 0 ? current : 0.0; }));
  }
  double feed(const cell_input<Cell, double>& input) {
    out.push_back(Cell::step(state, constants, input, spike));
    return out.back();
  }
};

}  // namespace backspike
