// Gradients of constants back to the parameters that neurons share.

#include "gradient/engine/constants.hpp"

namespace backspike {

void pull_back_constants(const population& p, const arena<float>& parameters, double dt,
                         std::span<const float> error_constants, arena<float>& gradient) {
  const std::size_t count = p.parameters.size();
  neuron_numbers memory;
  std::vector<std::vector<double>> total(count);
  for (std::size_t k = 0; k < count; ++k) {
    total[k].assign(p.columns[k], 0.0);
  }
  pull_back_constants(p, parameters, dt, error_constants.data(), memory,
                      [&](std::size_t k, std::size_t column, double value) { total[k][column] += value; });
  for (std::size_t k = 0; k < count; ++k) {
    const auto view = gradient.view(p.parameters[k]);
    for (std::size_t c = 0; c < total[k].size() && gradient.layout()[p.parameters[k]].learnable; ++c) {
      view(0, c) += static_cast<float>(total[k][c]);
    }
  }
}

}  // namespace backspike
