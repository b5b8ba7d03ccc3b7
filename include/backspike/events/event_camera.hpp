#pragma once
// A simulated event camera: any picture in shades of grey becomes a recording. docs/events.md has its equations.

#include <backspike/data/event_camera_spec.hpp>
#include <backspike/events/camera_event.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace backspike {

struct camera_path;

/// It stands in the middle of the sensor, and what lies around it is black.
struct grey_picture {
  std::size_t width = 0, height = 0;
  std::span<const float> values;  // [height][width], from the top; 0: black, 1: white
};

class event_camera {
 public:
  /// `seed` decides the thresholds of the pixels, which are those of one sensor, and the noise of every sample. Throws
  /// value_error: a setting that is out of range, or motion of more than 2^20 steps of an eighth of a pixel.
  event_camera(const event_camera_spec& spec, std::uint64_t seed);

  sensor_size sensor() const { return {spec_.width, spec_.height}; }
  double duration_us() const;  // [us] of a recording; its times are from 0 on and below this

  /// The events of `picture` as sample number `sample`, in ascending order of time, and of pixels at one time. A
  /// function of settings, seed, sample and picture. Throws value_error: an empty picture, other than width * height
  /// values, a value outside of [0, 1].
  event_buffer record(const grey_picture& picture, std::uint32_t sample) const;
  /// The same where the picture moves along another path.
  event_buffer record(const grey_picture& picture, std::uint32_t sample, const camera_path& path) const;

 private:
  event_camera_spec spec_;
  std::uint64_t seed_;
  std::vector<float> on_, off_;  // thresholds of every pixel
};

}  // namespace backspike
