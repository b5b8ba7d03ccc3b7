#pragma once
// Folds a trained batch normalisation into the weights and the bias before it. In inference it is one factor and one
// sum of each channel (Ioffe & Szegedy 2015, arXiv 1502.03167, algorithm 2),
//
//   y = gamma * (x - mean) / sqrt(variance + epsilon) + beta,   x = W s + bias,
//
// so that W * gamma / sqrt(...) and (bias - mean) * gamma / sqrt(...) + beta do the same without it.

#include <backspike/core/arena.hpp>

#include <cmath>
#include <cstddef>
#include <span>

namespace backspike {

/// Of the channels that weights lead to; gamma or beta empty: 1 or 0, as without learned ones.
struct batch_norm {
  std::span<const double> mean, variance, gamma{}, beta{};
  double epsilon = 1e-5;

  double factor(std::size_t channel) const {
    return (gamma.empty() ? 1.0 : gamma[channel]) / std::sqrt(variance[channel] + epsilon);
  }
};

/// Throws shape_error for a number of channels that is not that of the others, value_error for a variance below 0 or
/// what is not finite.
void check_batch_norm(const batch_norm& norm, std::size_t channels, std::size_t biases);

/// weight: [rows, channels], as those of a convolution or a dense connection are; bias: [channels].
template <class S>
void fold_batch_norm(const batch_norm& norm, const matrix_view<S>& weight, std::span<S> bias) {
  check_batch_norm(norm, weight.cols, bias.size());
  for (std::size_t c = 0; c < weight.cols; ++c) {
    const double factor = norm.factor(c), beta = norm.beta.empty() ? 0.0 : norm.beta[c];
    for (std::size_t r = 0; r < weight.rows; ++r) {
      weight(r, c) = static_cast<S>(static_cast<double>(weight(r, c)) * factor);
    }
    bias[c] = static_cast<S>((static_cast<double>(bias[c]) - norm.mean[c]) * factor + beta);
  }
}

}  // namespace backspike
