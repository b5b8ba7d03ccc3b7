// Draws the values that a cell parameter starts with, from its distribution and within its range.

#include "network/initial_values.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// Gamma distribution of scale 1 by rejection (Marsaglia & Tsang 2000); for shape < 1 by their boost from shape + 1.
double unit_gamma(double shape, random_stream& random) {
  if (shape < 1.0) {
    const double larger = unit_gamma(shape + 1.0, random);
    return larger * std::pow(random.uniform(), 1.0 / shape);
  }
  const double d = shape - 1.0 / 3.0, c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = random.normal(), v = std::pow(1.0 + c * x, 3.0);
    if (v > 0.0 && std::log(random.uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      return d * v;
    }
  }
}

double draw(const cell_parameter_spec& s, random_stream& random) {
  switch (s.distribution) {
    case parameter_distribution::normal:
      return s.value + s.spread * random.normal();
    case parameter_distribution::uniform:
      return s.value + s.spread * (2.0 * random.uniform() - 1.0);
    case parameter_distribution::gamma: {
      const double ratio = s.value / s.spread;  // shape = ratio^2 and scale = spread / ratio have this mean and spread
      return s.spread / ratio * unit_gamma(ratio * ratio, random);
    }
    case parameter_distribution::constant:
    case parameter_distribution::split:
      break;
  }
  return s.value;
}

}  // namespace

std::vector<double> initial_values(const cell_parameter_spec& spec, std::size_t count, random_stream stream) {
  if (!spec.values.empty()) {
    return spec.values;
  }
  const bool split = spec.distribution == parameter_distribution::split;
  const std::size_t first =
      split ? static_cast<std::size_t>(std::llround(spec.fraction * static_cast<double>(count))) : count;
  // A transform never moves what starts at an end of its range.
  const double open = spec.learn && spec.transform != parameter_transform::clamp ? 1e-3 : 0.0;
  const double low = std::isinf(spec.low) ? spec.low : spec.low + open * (spec.value - spec.low);
  const double high = std::isinf(spec.high) ? spec.high : spec.high - open * (spec.high - spec.value);
  std::vector<double> values(count);
  for (std::size_t k = 0; k < count; ++k) {
    values[k] = k < first ? std::clamp(draw(spec, stream), low, high) : spec.rest;
  }
  return values;
}

}  // namespace backspike
