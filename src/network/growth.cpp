// By what factor a cell's state grows in each step when nothing comes in: the spectral radius of its Jacobian.

#include "network/growth.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace backspike {
namespace {

constexpr double far_below = -1e30;
constexpr int squarings = 30;

/// The Jacobian of the states by the states, [states][states], with the membrane, the last of them, at a place.
std::vector<double> state_jacobian(const cell_info& cell, std::span<const double> parameters, double dt,
                                   double membrane) {
  const std::size_t n = cell.states.size(), columns = cell.columns();
  std::vector<double> constants(cell.constants), state(n, 0.0), whole((n + 1) * columns), square(n * n);
  cell.exact->prepare(parameters.data(), dt, constants.data());
  state.back() = membrane;
  spike_function never;
  never.reset = reset_kind::none;
  never.height = 0.0;  // spikes come and go with the input: their slope is no part of the free membrane
  const std::vector<double> nothing(cell.inputs(), 0.0);
  cell.exact->jacobian(state.data(), constants.data(), nothing.data(), never, whole.data());
  for (std::size_t k = 0; k < n * n; ++k) {
    square[k] = whole[k / n * columns + k % n];
  }
  return square;
}

std::vector<double> squared(const std::vector<double>& m, std::size_t n) {
  std::vector<double> product(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) {
        product[i * n + j] += m[i * n + k] * m[k * n + j];
      }
    }
  }
  return product;
}

/// The spectral radius: the limit of |M^k|^(1/k), by repeated squaring.
double spectral_radius(std::vector<double> m, std::size_t n) {
  double log_growth = 0.0, share = 1.0;
  for (int k = 0; k <= squarings; ++k, share *= 0.5) {
    double largest = 0.0;
    for (const double x : m) {
      largest = std::isfinite(x) ? std::max(largest, std::fabs(x)) : unbounded;
    }
    if (largest == 0.0 || !std::isfinite(largest)) {
      return largest;
    }
    log_growth += share * std::log(largest);
    std::ranges::transform(m, m.begin(), [largest](double x) { return x / largest; });
    m = squared(m, n);
  }
  return std::exp(log_growth);
}

}  // namespace

double growth_per_step(const cell_info& cell, std::span<const double> parameters, double dt) {
  const std::size_t n = cell.states.size();
  return std::min(spectral_radius(state_jacobian(cell, parameters, dt, 0.0), n),
                  spectral_radius(state_jacobian(cell, parameters, dt, far_below), n));
}

}  // namespace backspike
