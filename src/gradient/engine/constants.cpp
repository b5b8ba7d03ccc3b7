// From parameters to the constants that a cell's step reads, and gradients of constants back to parameters, by the
// chain rule.

#include "gradient/engine/constants.hpp"

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

void read_parameters(const population& p, const arena<float>& parameters, std::size_t neuron, std::vector<double>& in) {
  for (std::size_t k = 0; k < in.size(); ++k) {
    in[k] = static_cast<double>(parameters.view(p.parameters[k])(0, p.column_of(k, neuron)));
  }
}

}  // namespace

void prepare_constants(const population& p, const arena<float>& parameters, double dt, std::span<float> constants) {
  std::vector<double> in(p.parameters.size()), out(p.cell->constants);
  for (std::size_t n = 0; n < p.width; ++n) {
    read_parameters(p, parameters, std::min(n, p.units - 1), in);
    p.cell->exact->prepare(in.data(), dt, out.data());
    for (std::size_t k = 0; k < out.size(); ++k) {
      constants[k * p.width + n] = static_cast<float>(out[k]);
    }
  }
}

void pull_back_constants(const population& p, const arena<float>& parameters, double dt,
                         std::span<const float> error_constants, arena<float>& gradient) {
  const std::size_t count = p.parameters.size();
  std::vector<double> in(count), error(p.cell->constants), sum(count);
  std::vector<std::vector<double>> total(count);  // a shared number sums over the neurons that share it
  for (std::size_t k = 0; k < count; ++k) {
    total[k].assign(p.columns[k], 0.0);
  }
  for (std::size_t n = 0; n < p.units; ++n) {
    read_parameters(p, parameters, n, in);
    for (std::size_t j = 0; j < error.size(); ++j) {
      error[j] = static_cast<double>(error_constants[j * p.width + n]);
    }
    std::ranges::fill(sum, 0.0);
    p.cell->exact->prepare_adjoint(in.data(), dt, error.data(), sum.data());
    for (std::size_t k = 0; k < count; ++k) {
      total[k][p.column_of(k, n)] += sum[k];
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    const auto view = gradient.view(p.parameters[k]);
    for (std::size_t c = 0; c < total[k].size() && gradient.layout()[p.parameters[k]].learnable; ++c) {
      view(0, c) += static_cast<float>(total[k][c]);
    }
  }
}

}  // namespace backspike
