#include "gradient/constants.hpp"

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

/// Value of parameter k for a neuron, shared or its own.
template <class Arena>
auto& parameter_of(const population& p, Arena& values, std::size_t k, std::size_t neuron) {
  const auto view = values.view(p.parameters[k]);
  return view(0, view.cols == 1 ? 0 : neuron);
}

void read_parameters(const population& p, const arena<float>& parameters, std::size_t neuron, std::vector<double>& in) {
  for (std::size_t k = 0; k < in.size(); ++k) {
    in[k] = static_cast<double>(parameter_of(p, parameters, k, neuron));
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
  std::vector<double> in(count), error(p.cell->constants), sum(count), shared(count, 0.0);
  const auto learned = [&](std::size_t k) { return gradient.layout()[p.parameters[k]].learnable; };
  const auto is_shared = [&](std::size_t k) { return gradient.layout()[p.parameters[k]].cols == 1; };
  for (std::size_t n = 0; n < p.units; ++n) {
    read_parameters(p, parameters, n, in);
    for (std::size_t j = 0; j < error.size(); ++j) {
      error[j] = static_cast<double>(error_constants[j * p.width + n]);
    }
    std::ranges::fill(sum, 0.0);
    p.cell->exact->prepare_adjoint(in.data(), dt, error.data(), sum.data());
    for (std::size_t k = 0; k < count; ++k) {
      shared[k] += sum[k];
      if (learned(k) && !is_shared(k)) {
        parameter_of(p, gradient, k, n) += static_cast<float>(sum[k]);
      }
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    if (learned(k) && is_shared(k)) {
      parameter_of(p, gradient, k, 0) += static_cast<float>(shared[k]);
    }
  }
}

}  // namespace backspike
