#include "gradient/constants.hpp"

#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/cells.hpp>

#include <algorithm>

namespace backspike {
namespace {

/// Value of parameter k for a neuron, shared or its own.
template <class Arena>
auto& parameter_of(const population& p, Arena& values, std::size_t k, std::size_t neuron) {
  const auto view = values.view(p.parameters[k]);
  return view(0, view.cols == 1 ? 0 : neuron);
}

template <class Cell>
void prepare_cell(const population& p, const arena<float>& parameters, double dt, std::span<float> constants) {
  for (std::size_t n = 0; n < p.width; ++n) {
    typename Cell::template parameters<double> in;
    for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
      members<double>(in)[k] = static_cast<double>(parameter_of(p, parameters, k, std::min(n, p.units - 1)));
    }
    auto out = Cell::template prepare<double>(in, dt);
    for (std::size_t k = 0; k < constant_count<Cell>; ++k) {
      constants[k * p.width + n] = static_cast<float>(members<double>(out)[k]);
    }
  }
}

template <class Cell>
void pull_back_cell(const population& p, const arena<float>& parameters, double dt, std::span<const float> error,
                    arena<float>& gradient) {
  constexpr std::size_t count = parameter_count<Cell>;
  using D = dual<double, count>;
  double shared[count] = {};
  for (std::size_t n = 0; n < p.units; ++n) {
    typename Cell::template parameters<D> in;
    for (std::size_t k = 0; k < count; ++k) {
      members<D>(in)[k] = D(static_cast<double>(parameter_of(p, parameters, k, n)), k);
    }
    auto out = Cell::template prepare<D>(in, dt);
    for (std::size_t k = 0; k < count; ++k) {
      double sum = 0.0;
      for (std::size_t j = 0; j < constant_count<Cell>; ++j) {
        sum += static_cast<double>(error[j * p.width + n]) * members<D>(out)[j].d[k];
      }
      shared[k] += sum;
      if (gradient.layout()[p.parameters[k]].learnable && gradient.layout()[p.parameters[k]].cols > 1) {
        parameter_of(p, gradient, k, n) += static_cast<float>(sum);
      }
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    if (gradient.layout()[p.parameters[k]].learnable && gradient.layout()[p.parameters[k]].cols == 1) {
      parameter_of(p, gradient, k, 0) += static_cast<float>(shared[k]);
    }
  }
}

}  // namespace

void prepare_constants(const population& p, const arena<float>& parameters, double dt, std::span<float> constants) {
  visit_cell(p.cell->index, [&]<class Cell>() { prepare_cell<Cell>(p, parameters, dt, constants); });
}

void pull_back_constants(const population& p, const arena<float>& parameters, double dt,
                         std::span<const float> error_constants, arena<float>& gradient) {
  visit_cell(p.cell->index, [&]<class Cell>() { pull_back_cell<Cell>(p, parameters, dt, error_constants, gradient); });
}

}  // namespace backspike
