// Least squares by a Cholesky factor: the linear part of the Mackey-Glass task, which the network then only has to
// correct.

#include "data/tasks/linear_prediction.hpp"

#include <cmath>

namespace backspike {
namespace {

/// Solves a x = b for a symmetric positive definite a [n, n], by its Cholesky factor, in place.
void solve(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) {
        sum -= a[i * n + k] * a[j * n + k];
      }
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
    for (std::size_t k = 0; k < i; ++k) {
      b[i] -= a[i * n + k] * b[k];
    }
    b[i] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) {
      b[i] -= a[k * n + i] * b[k];
    }
    b[i] /= a[i * n + i];
  }
}

}  // namespace

std::vector<double> linear_prediction(std::span<const double> series, std::size_t taps, double ridge) {
  const std::size_t n = taps + 1, rows = series.size() - taps;
  std::vector<double> products(n * n, 0.0), wanted(n, 0.0);
  for (std::size_t first = 0; first < rows; ++first) {
    const auto shown = [&](std::size_t k) { return k < taps ? series[first + k] : 1.0; };
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        products[i * n + j] += shown(i) * shown(j);
      }
      wanted[i] += shown(i) * series[first + taps];
    }
  }
  for (std::size_t i = 0; i < taps; ++i) {
    products[i * n + i] += static_cast<double>(rows) * ridge * ridge;
  }
  solve(products, wanted);
  return wanted;
}

}  // namespace backspike
