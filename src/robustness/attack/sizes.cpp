// Norms of changes, over the values of a sample.

#include "robustness/attack/sizes.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// [rows of the sample][channels], zero where nothing is.
std::vector<float> dense_values(const ragged_events& inputs, std::size_t sample, std::size_t channels) {
  const std::uint64_t first = inputs.sample_rows[sample];
  std::vector<float> values(inputs.length(sample) * channels);
  for (std::size_t t = 0; t < inputs.length(sample); ++t) {
    const event_row row = inputs.spikes.row(first + t);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      values[t * channels + row.channels[k]] = row.values.empty() ? 1.0f : row.values[k];
    }
  }
  return values;
}

}  // namespace

double size_of_change(attack_norm norm, std::span<const float> before, std::span<const float> after) {
  double largest = 0.0, sum = 0.0, squares = 0.0, count = 0.0;
  for (std::size_t k = 0; k < before.size(); ++k) {
    const double change = std::abs(static_cast<double>(after[k]) - static_cast<double>(before[k]));
    largest = std::max(largest, change);
    sum += change;
    squares += change * change;
    count += change > 0.0 ? 1.0 : 0.0;
  }
  switch (norm) {
    case attack_norm::linf:
      return largest;
    case attack_norm::l2:
      return std::sqrt(squares);
    case attack_norm::l1:
      return sum;
    case attack_norm::l0:
      return count;
  }
  return 0.0;
}

std::vector<double> sizes_of_changes(const attack_samples& before, const attack_proposal& after, attack_norm norm) {
  std::vector<double> sizes;
  for (std::size_t s = 0; s < before.data.size(); ++s) {
    if (before.values) {
      const std::size_t width = before.values->width();
      sizes.push_back(size_of_change(norm, before.values->of(s), std::span(after.values).subspan(s * width, width)));
    } else {
      sizes.push_back(size_of_change(norm, dense_values(before.data.inputs, s, before.data.channels),
                                     dense_values(after.inputs, s, before.data.channels)));
    }
  }
  return sizes;
}

}  // namespace backspike
