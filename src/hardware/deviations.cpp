// Makes the tables of quantiles, once.

#include "hardware/deviations.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t levels = 65536;
constexpr int newton_rounds = 5;

/// Below x, of a standard normal number.
double share_below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// In the middle of each of so many equal shares of the distribution between -most and most: Newton's way, from the
/// neighbour before, in the upper half; the lower one mirrors it.
std::vector<float> normal_quantiles(double most) {
  std::vector<float> found(levels);
  const double low = share_below(-most), all = share_below(most) - low;
  double x = 0.0;
  for (std::size_t k = levels / 2; k < levels; ++k) {
    const double wanted = low + all * (static_cast<double>(k) + 0.5) / static_cast<double>(levels);
    for (int round = 0; round < newton_rounds; ++round) {
      x += (wanted - share_below(x)) * std::sqrt(2.0 * std::numbers::pi) * std::exp(0.5 * x * x);
    }
    found[k] = static_cast<float>(x);
    found[levels - 1 - k] = -found[k];
  }
  return found;
}

std::vector<float> uniform_quantiles() {
  std::vector<float> found(levels);
  for (std::size_t k = 0; k < levels; ++k) {
    found[k] = static_cast<float>(std::numbers::sqrt3 * ((2.0 * static_cast<double>(k) + 1.0) / levels - 1.0));
  }
  return found;
}

constexpr double unlimited = 6.0;  // deviations beyond which no quantile of the table lies

std::span<const float> table_of(mismatch_distribution of, bool bounded) {
  static const std::vector<float> uniform = uniform_quantiles(), normal = normal_quantiles(unlimited),
                                  cut = normal_quantiles(most_deviations);
  return of == mismatch_distribution::uniform ? uniform : bounded ? cut : normal;
}

}  // namespace

deviations::deviations(mismatch_distribution of, bool bounded) : quantiles_(table_of(of, bounded)) {}

void deviations::eight(const random_key& stream, std::uint32_t n, std::span<float, 8> values) const {
  const std::array<std::uint32_t, 4> bits = stream.four(n);
  for (std::size_t k = 0; k < 4; ++k) {
    values[2 * k] = quantiles_[bits[k] & 65535U];
    values[2 * k + 1] = quantiles_[bits[k] >> 16U];
  }
}

}  // namespace backspike
