// What a batch normalisation must be before it is folded.

#include <backspike/connection/fold_batch_norm.hpp>

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <cmath>
#include <string>

namespace backspike {
namespace {

void check_length(const char* name, std::span<const double> numbers, std::size_t channels) {
  if (numbers.size() != channels) {
    throw shape_error("fold_batch_norm", name, "[" + std::to_string(numbers.size()) + "]",
                      "[" + std::to_string(channels) + "], one for each channel that the weights lead to");
  }
}

void check_numbers(const char* name, std::span<const double> numbers) {
  for (std::size_t c = 0; c < numbers.size(); ++c) {
    if (!std::isfinite(numbers[c])) {
      throw value_error("fold_batch_norm", std::string(name) + "[" + std::to_string(c) + "]", short_number(numbers[c]),
                        "a finite number");
    }
  }
}

}  // namespace

void check_batch_norm(const batch_norm& norm, std::size_t channels, std::size_t biases) {
  if (biases != channels) {
    throw shape_error("fold_batch_norm", "bias", "[" + std::to_string(biases) + "]",
                      "[" + std::to_string(channels) + "], one for each channel that the weights lead to");
  }
  check_length("mean", norm.mean, channels);
  check_length("var", norm.variance, channels);
  check_length("gamma", norm.gamma, norm.gamma.empty() ? 0 : channels);
  check_length("beta", norm.beta, norm.beta.empty() ? 0 : channels);
  check_numbers("mean", norm.mean);
  check_numbers("var", norm.variance);
  check_numbers("gamma", norm.gamma);
  check_numbers("beta", norm.beta);
  if (!(norm.epsilon >= 0.0) || std::isinf(norm.epsilon)) {
    throw value_error("fold_batch_norm", "eps", short_number(norm.epsilon), "a number, 0 or more");
  }
  for (std::size_t c = 0; c < channels; ++c) {
    if (!(norm.variance[c] >= 0.0 && norm.variance[c] + norm.epsilon > 0.0)) {
      throw value_error("fold_batch_norm", "var[" + std::to_string(c) + "]", short_number(norm.variance[c]),
                        "0 or more, and above 0 with eps");
    }
  }
}

}  // namespace backspike
