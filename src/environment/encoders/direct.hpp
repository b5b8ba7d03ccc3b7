#pragma once
// The numbers as they are: -1 to 1 within their range, as currents in every step of the frame.

#include "environment/encoders/encoder_base.hpp"

namespace backspike::observations {

struct direct : encoder_base {
  static constexpr observation_code code = observation_code::direct;

  static void see(const observation_spec&, std::span<const double> values, std::span<float>, std::span<float> shown) {
    std::ranges::transform(values, shown.begin(), [](double x) { return static_cast<float>(2.0 * x - 1.0); });
  }
};

}  // namespace backspike::observations
