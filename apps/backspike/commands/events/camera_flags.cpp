// Turns options of the command line into settings of the simulated camera.

#include "commands/events/camera_flags.hpp"

#include <backspike/events/event_text.hpp>

namespace backspike::app {

void camera_flags::add_to(CLI::App& command) {
  const auto number = [&](const char* name, double& value, const char* unit, const char* meaning) {
    command.add_option(name, value, meaning)->type_name(unit)->capture_default_str();
  };
  command.add_option("--size", size, "Pixels of the sensor; otherwise 34x34")->type_name("WIDTHxHEIGHT");
  command.add_option("--threshold", threshold, "Change of the response that makes an event; otherwise 0.2");
  number("--spread", spec.threshold_spread, "CHANGE", "Of thresholds over pixels: standard deviation");
  number("--black", spec.black, "SHARE", "Light of a black dot as a share of that of a white one");
  number("--cutoff", spec.cutoff_hz, "HZ", "Of the pixel's low-pass; 0: none");
  number("--refractory", spec.refractory_ms, "MS", "Time for which a pixel is blind after an event");
  number("--leak", spec.leak_rate, "HZ", "ON events of a pixel without any change");
  number("--noise", spec.noise_rate, "HZ", "Events of a pixel from noise");
  command.add_option("--motion", motion, "Three saccades as those of N-MNIST, one direction, or none; saccades")
      ->check(CLI::IsMember({"saccades", "straight", "still"}));
  number("--amplitude", spec.amplitude, "PIXELS", "Of a saccade");
  number("--saccade", spec.saccade_ms, "MS", "Each of the three");
  number("--direction", spec.direction, "DEGREES", "Of straight motion; 0: to the right, 90: up");
  number("--speed", spec.speed, "PIXELS/S", "Of straight motion");
  number("--duration", spec.duration_ms, "MS", "Of straight motion and of none");
}

event_camera_spec camera_flags::camera() const {
  auto s = spec;
  if (!size.empty()) {
    const auto pixels = parse_sensor_size(size, "--size");
    s.width = pixels.width;
    s.height = pixels.height;
  }
  if (threshold != 0.0) {
    s.threshold_on = s.threshold_off = threshold;
  }
  s.motion = motion.empty() ? s.motion : parse_name<picture_motion>(motion).value();
  return s;
}

}  // namespace backspike::app
