#pragma once
// Settings of a simulated event camera: its pixels, and how what it looks at moves.

#include <backspike/core/enum_names.hpp>

#include <cstdint>

namespace backspike {

/// saccades: three, along a triangle, as N-MNIST was recorded; straight: one direction, one speed; still: none.
enum class picture_motion { saccades, straight, still };
template <>
inline constexpr auto enum_names<picture_motion> = std::to_array<enum_name<picture_motion>>({
    {picture_motion::saccades, "saccades"},
    {picture_motion::straight, "straight"},
    {picture_motion::still, "still"},
});

/// The defaults give pictures of 28 x 28 the statistics of N-MNIST (docs/events.md).
struct event_camera_spec {
  std::uint32_t width = 34, height = 34;  // [pixels]
  // Pixels:
  double threshold_on = 0.2, threshold_off = 0.2;  // change of the response that makes an event
  double threshold_spread = 0.03;                  // standard deviation over pixels
  double black = 0.2;                              // light of value 0 as a share of that of value 1
  double linear_below = 20.0 / 255.0;              // light up to which the response is linear; logarithmic above
  double cutoff_hz = 200.0;                        // [Hz] of the pixel's low-pass; 0: none
  double refractory_ms = 2.0;                      // [ms] for which a pixel is blind after an event
  double leak_rate = 0.1;                          // [Hz] of ON events without any change
  double noise_rate = 0.0;                         // [Hz] of events of either polarity from noise
  // Motion:
  picture_motion motion = picture_motion::saccades;
  double saccade_ms = 100.0;   // [ms] each of the three
  double amplitude = 5.0;      // [pixels] side of their triangle
  double direction = 0.0;      // straight: [degrees] 0: to the right, 90: up
  double speed = 50.0;         // straight: [pixels/s]
  double duration_ms = 300.0;  // straight, still: [ms]
  bool operator==(const event_camera_spec&) const = default;
};

/// Which way blobs move first, on one round along the triangle of the saccades that the camera is asked for.
struct saccade_direction_spec {
  std::uint32_t blobs = 3;
  std::uint32_t train_samples = 3000;
  std::uint32_t validation_samples = 600;
  std::uint32_t test_samples = 600;
  bool operator==(const saccade_direction_spec&) const = default;
};

}  // namespace backspike
