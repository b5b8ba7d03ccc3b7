// Ranges of the settings of a simulated camera, and of what it looks at.

#include "events/simulate/check_camera.hpp"

#include <backspike/core/error.hpp>

#include "core/short_number.hpp"

#include <algorithm>
#include <string>

namespace backspike {

namespace {

/// False for what is no number.
bool is_in(double x, double low, double high) { return x >= low && x <= high; }

void require(bool good, const char* setting, const std::string& value, const std::string& accepted) {
  if (!good) {
    throw value_error("event_camera", setting, value, accepted);
  }
}

void require_in(double low, double high, const char* setting, double value, const char* unit = "") {
  require(is_in(value, low, high), setting, short_number(value),
          short_number(low) + " to " + short_number(high) + unit);
}

void check_pixels(const event_camera_spec& s) {
  constexpr double least_threshold = 0.01;  // below, a change makes events without end
  require_in(least_threshold, 100, "threshold_on", s.threshold_on);
  require_in(least_threshold, 100, "threshold_off", s.threshold_off);
  require_in(0, 100, "threshold_spread", s.threshold_spread);
  require_in(0, 0.99, "black", s.black);
  require_in(1e-6, 1, "linear_below", s.linear_below);
  require_in(0, 1e6, "cutoff_hz", s.cutoff_hz, " Hz");
  require_in(0, 1e6, "refractory_ms", s.refractory_ms, " ms");
  require_in(0, 1e5, "leak_rate", s.leak_rate, " Hz");
  require_in(0, 1e5, "noise_rate", s.noise_rate, " Hz");
}

}  // namespace

void check_camera(const event_camera_spec& s) {
  constexpr std::uint64_t most_pixels = std::uint64_t{1} << 24U;
  require(s.width >= 1 && s.height >= 1 && std::max(s.width, s.height) <= 65535 &&
              std::uint64_t{s.width} * s.height <= most_pixels,
          "sensor", std::to_string(s.width) + "x" + std::to_string(s.height), "1 to 65535 each, at most 2^24 pixels");
  check_pixels(s);
  require_in(1e-3, 1e6, "saccade_ms", s.saccade_ms, " ms");
  require_in(0, 65535, "amplitude", s.amplitude, " pixels");
  require_in(-360, 360, "direction", s.direction, " degrees");
  require_in(0, 1e6, "speed", s.speed, " pixels/s");
  require_in(1e-3, 3.6e6, "duration_ms", s.duration_ms, " ms");
}

void check_picture(const grey_picture& p) {
  const bool whole =
      p.width > 0 && p.height > 0 && p.values.size() / p.width == p.height && p.values.size() % p.width == 0;
  require(whole, "picture",
          std::to_string(p.width) + "x" + std::to_string(p.height) + ", " + std::to_string(p.values.size()) + " values",
          "at least one dot, and a value for each");
  for (std::size_t k = 0; k < p.values.size(); ++k) {
    const float value = p.values[k];
    if (!is_in(value, 0.0, 1.0)) {
      require(false, ("value " + std::to_string(k) + " of the picture").c_str(), short_number(value), "0 to 1");
    }
  }
}

void check_motion(double duration_us, double steps) {
  constexpr double most_steps = 1048576.0, most_duration_us = 3.6e9;
  require(duration_us <= most_duration_us && steps <= most_steps, "motion",
          short_number(duration_us * 1e-6) + " s in " + short_number(steps) + " steps of 1/8 pixel",
          "at most an hour and 2^20 steps");
}

}  // namespace backspike
