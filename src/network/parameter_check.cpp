// Checks a cell parameter: value, range, distribution and transform have to fit each other.

#include "network/parameter_check.hpp"

#include "core/short_number.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

std::string range_text(double low, double high) { return short_number(low) + " to " + short_number(high); }

std::optional<parameter_problem> range_problem(const cell_parameter_spec& s, const field& f) {
  if (!(s.low >= f.low && s.low <= f.high)) {
    return parameter_problem{"low", s.low, range_text(f.low, f.high)};
  }
  if (!(s.high > s.low && s.high <= f.high)) {
    return parameter_problem{"high", s.high, "above low, " + short_number(s.low) + ", at most " + short_number(f.high)};
  }
  return std::nullopt;
}

/// A value at an end of its range could never leave it again where training goes through a transform.
std::optional<parameter_problem> value_problem(const cell_parameter_spec& s, const std::string& key, double x) {
  const bool open = s.learn && s.transform != parameter_transform::clamp;
  if (open ? x > s.low && x < s.high : x >= s.low && x <= s.high) {
    return std::nullopt;
  }
  return parameter_problem{key, x, range_text(s.low, s.high) + (open ? ", without the ends under its transform" : "")};
}

std::optional<parameter_problem> values_problem(const cell_parameter_spec& s) {
  if (s.values.empty()) {
    return std::nullopt;
  }
  if (s.per == parameter_sharing::layer) {
    return parameter_problem{"per", std::nullopt, "channel or neuron, for a parameter that is given by several values"};
  }
  if (s.distribution != parameter_distribution::constant) {
    return parameter_problem{"values", s.values.front(), "none beside a distribution, which draws them"};
  }
  for (std::size_t k = 0; k < s.values.size(); ++k) {
    if (auto problem = value_problem(s, "values", s.values[k])) {
      problem->accepted += " (number " + std::to_string(k) + ")";
      return problem;
    }
  }
  return std::nullopt;
}

std::optional<parameter_problem> distribution_problem(const cell_parameter_spec& s) {
  if (s.distribution == parameter_distribution::constant) {
    return std::nullopt;
  }
  if (s.per == parameter_sharing::layer) {
    return parameter_problem{"per", std::nullopt, "channel or neuron, for a distribution to have several values"};
  }
  if (s.distribution == parameter_distribution::split) {
    if (!(s.fraction >= 0.0 && s.fraction <= 1.0)) {
      return parameter_problem{"fraction", s.fraction, "0 to 1"};
    }
    return value_problem(s, "rest", s.rest);
  }
  if (!(s.spread > 0.0) || std::isinf(s.spread)) {
    return parameter_problem{"spread", s.spread, "above 0, for a distribution that draws"};
  }
  if (s.distribution == parameter_distribution::gamma && !(s.value > 0.0)) {
    return parameter_problem{"value", s.value, "above 0, the mean of a gamma distribution"};
  }
  return std::nullopt;
}

std::optional<parameter_problem> transform_problem(const cell_parameter_spec& s) {
  if (s.transform != parameter_transform::clamp && std::isinf(s.low)) {
    return parameter_problem{"low", s.low, "a finite number, from where its transform starts"};
  }
  if (s.transform == parameter_transform::sigmoid && std::isinf(s.high)) {
    return parameter_problem{"high", s.high, "a finite number, to where its transform leads"};
  }
  return std::nullopt;
}

}  // namespace

cell_parameter_spec with_range(cell_parameter_spec spec, const field& f) {
  spec.low = spec.low == -unbounded ? f.low : spec.low;
  spec.high = spec.high == unbounded ? f.high : spec.high;
  if (!spec.values.empty()) {
    const double mean =
        std::accumulate(spec.values.begin(), spec.values.end(), 0.0) / static_cast<double>(spec.values.size());
    const auto [least, most] = std::ranges::minmax(spec.values);
    spec.value = std::clamp(mean, least, most);  // which rounding may have passed
  }
  return spec;
}

std::optional<parameter_problem> find_problem(const cell_parameter_spec& s, const field& f) {
  for (const auto& problem : {range_problem(s, f), values_problem(s), value_problem(s, "value", s.value),
                              distribution_problem(s), transform_problem(s)}) {
    if (problem) {
      return problem;
    }
  }
  return std::nullopt;
}

}  // namespace backspike
