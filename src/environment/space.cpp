// Spaces: how they are made, said and checked.

#include <backspike/environment/space.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace backspike {

space choices_of(std::size_t count) {
  space s;
  s.choices = count;
  return s;
}

space box(std::vector<double> low, std::vector<double> high) {
  space s;
  s.low = std::move(low);
  s.high = std::move(high);
  return s;
}

space box(const std::vector<double>& high) {
  std::vector<double> low(high.size());
  std::ranges::transform(high, low.begin(), [](double x) { return -x; });
  return box(std::move(low), high);
}

std::string text_of(const space& s) {
  if (s.discrete()) {
    return "a whole number, 0 to " + std::to_string(s.choices - 1);
  }
  return std::to_string(s.numbers()) + (s.numbers() == 1 ? " finite number" : " finite numbers");
}

void require_in(const space& s, std::span<const double> value, const std::string& operation,
                const std::string& argument) {
  if (value.size() != s.numbers()) {
    throw shape_error(operation, argument, "[" + std::to_string(value.size()) + "]",
                      "[" + std::to_string(s.numbers()) + "]");
  }
  for (const double x : value) {
    const bool fits =
        s.discrete() ? x >= 0.0 && x < static_cast<double>(s.choices) && x == std::floor(x) : std::isfinite(x);
    if (!fits) {
      throw value_error(operation, argument, std::to_string(x), text_of(s));
    }
  }
}

}  // namespace backspike
