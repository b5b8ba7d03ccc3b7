// Mean and norm of the columns of weights: some neighbouring columns at a time, row after row, in double.

#include "optimise/standardise.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace backspike {
namespace {

constexpr std::size_t tile = 16;  // columns that one owner sums

using sums = std::array<double, tile>;

/// f(first column, number of columns) for all columns, shared by the threads.
template <class F>
void for_each_tile(const parameter_info& p, thread_pool& pool, const F& f) {
  pool.for_each((p.cols + tile - 1) / tile,
                [&](std::size_t k, std::size_t) { f(k * tile, std::min(tile, p.cols - k * tile)); });
}

/// The sum over the rows of term(place of the number, column of the tile).
template <class F>
sums sum_of(const parameter_info& p, std::size_t first, std::size_t count, const F& term) {
  sums sum{};
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t c = 0; c < count; ++c) {
      sum[c] += term(r * p.stride + first + c, c);
    }
  }
  return sum;
}

sums means_of(const parameter_info& p, std::size_t first, std::size_t count, const float* numbers) {
  sums mean = sum_of(p, first, count, [&](std::size_t at, std::size_t) { return static_cast<double>(numbers[at]); });
  for (double& m : mean) {
    m /= static_cast<double>(p.rows);
  }
  return mean;
}

sums squares_of(const parameter_info& p, std::size_t first, std::size_t count, const float* numbers, const sums& mean) {
  return sum_of(p, first, count, [&](std::size_t at, std::size_t c) {
    const double x = static_cast<double>(numbers[at]) - mean[c];
    return x * x;
  });
}

/// dL/dv = g - mean(g) - w (w . g) / |w|^2, w about its mean.
void project(const parameter_info& p, std::size_t first, std::size_t count, const float* value, float* gradient,
             double* norms) {
  const sums mean = means_of(p, first, count, value), mean_gradient = means_of(p, first, count, gradient);
  const sums squares = squares_of(p, first, count, value, mean);
  const sums product = sum_of(p, first, count, [&](std::size_t at, std::size_t c) {
    return (static_cast<double>(value[at]) - mean[c]) * static_cast<double>(gradient[at]);
  });
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t c = 0; c < count; ++c) {
      const std::size_t at = r * p.stride + first + c;
      const double along = squares[c] > 0.0 ? product[c] / squares[c] : 0.0;
      gradient[at] = static_cast<float>(static_cast<double>(gradient[at]) - mean_gradient[c] -
                                        (static_cast<double>(value[at]) - mean[c]) * along);
    }
  }
  for (std::size_t c = 0; c < count; ++c) {
    norms[first + c] = std::sqrt(squares[c]);
  }
}

void standardise(const parameter_info& p, std::size_t first, std::size_t count, std::span<const double> norms,
                 float* value) {
  const sums mean = means_of(p, first, count, value), squares = squares_of(p, first, count, value, mean);
  for (std::size_t r = 0; r < p.rows; ++r) {
    for (std::size_t c = 0; c < count; ++c) {
      float& x = value[r * p.stride + first + c];
      const bool scales = norms[first + c] > 0.0 && squares[c] > 0.0;
      const double scale = scales ? norms[first + c] / std::sqrt(squares[c]) : 1.0;
      x = static_cast<float>((static_cast<double>(x) - mean[c]) * scale);
    }
  }
}

}  // namespace

std::vector<double> project_gradient(const parameter_info& p, const float* value, float* gradient, thread_pool& pool) {
  std::vector<double> norms(p.cols, 0.0);
  for_each_tile(p, pool,
                [&](std::size_t first, std::size_t count) { project(p, first, count, value, gradient, norms.data()); });
  return norms;
}

void standardise_columns(const parameter_info& p, std::span<const double> norms, float* value, thread_pool& pool) {
  for_each_tile(p, pool, [&](std::size_t first, std::size_t count) { standardise(p, first, count, norms, value); });
}

}  // namespace backspike
