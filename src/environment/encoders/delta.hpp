#pragma once
// Send on delta: r is a number at its last spike, 0 at first. Where x - r > threshold it spikes on its first channel,
// where r - x > threshold on its second, in the first step of the frame, and r = x.

#include "environment/encoders/encoder_base.hpp"

namespace backspike::observations {

struct delta : encoder_base {
  static constexpr observation_code code = observation_code::delta;
  static constexpr bool remembers = true;

  static void check(const observation_spec& s) {
    require(s.threshold > 0.0 && std::isfinite(s.threshold), "threshold", s.threshold, "above 0");
  }

  static std::size_t channels(const observation_spec&, std::size_t numbers) { return 2 * numbers; }

  static void see(const observation_spec& s, std::span<const double> values, std::span<float> memory,
                  std::span<float> shown) {
    for (std::size_t v = 0; v < values.size(); ++v) {
      const auto x = static_cast<float>(values[v]);
      const double change = static_cast<double>(x) - static_cast<double>(memory[v]);
      shown[2 * v] = change > s.threshold ? 1.0F : 0.0F;
      shown[2 * v + 1] = -change > s.threshold ? 1.0F : 0.0F;
      memory[v] = std::fabs(change) > s.threshold ? x : memory[v];
    }
  }

  static void write(const observation_spec& s, std::span<const float> shown, std::uint32_t step, random_stream&,
                    std::span<float> input) {
    const float gain = step == 0 ? static_cast<float>(s.gain) : 0.0F;
    std::ranges::transform(shown, input.begin(), [&](float x) { return gain * x; });
  }
};

}  // namespace backspike::observations
