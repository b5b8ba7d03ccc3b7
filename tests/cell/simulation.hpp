#pragma once
// One neuron in double precision, step by step.

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
  double step(double current) {
    out.push_back(Cell::step(state, constants, current, spike));
    return out.back();
  }
};

}  // namespace backspike
