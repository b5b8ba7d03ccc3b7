#pragma once
// Gaussian receptive fields, evenly over the range of a number. Field i = 0 ... fields - 1 of x in [0, 1] responds with
//
//   r_i = exp(-(x - mu_i)^2 / (2 sigma^2)),  mu_i = i / (fields - 1),  sigma = 1 / (beta (fields - 1))
//
// as a current in every step of the frame, or with that probability with a spike. Number v has channels v fields + i.

#include "environment/encoders/encoder_base.hpp"

namespace backspike::observations {

struct population : encoder_base {
  static constexpr observation_code code = observation_code::population;

  static void check(const observation_spec& s) {
    require(s.fields >= 2 && s.fields <= 10000, "fields", s.fields, "2 to 10000");
    require(s.beta > 0.0 && std::isfinite(s.beta), "beta", s.beta, "above 0");
  }

  static std::size_t channels(const observation_spec& s, std::size_t numbers) { return numbers * s.fields; }

  static void see(const observation_spec& s, std::span<const double> values, std::span<float>, std::span<float> shown) {
    for (std::size_t k = 0; k < shown.size(); ++k) {
      const double x = std::clamp(values[k / s.fields], 0.0, 1.0);
      const double distance = s.beta * (x * (s.fields - 1.0) - static_cast<double>(k % s.fields));  // in sigma
      shown[k] = static_cast<float>(std::exp(-0.5 * distance * distance));
    }
  }
};

struct population_rate : population {
  static constexpr observation_code code = observation_code::population_rate;

  static void write(const observation_spec& s, std::span<const float> shown, std::uint32_t, random_stream& draws,
                    std::span<float> input) {
    std::ranges::transform(shown, input.begin(), [&](float chance) {
      return draws.uniform() < static_cast<double>(chance) ? static_cast<float>(s.gain) : 0.0F;
    });
  }
};

}  // namespace backspike::observations
