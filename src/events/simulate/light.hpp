#pragma once
// What a pixel makes of light: the light at a place between the dots of a moving picture, and the response to it.

#include <backspike/events/event_camera.hpp>

#include "events/simulate/camera_path.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace backspike {

/// A picture in the middle of a sensor, black around it, and shifted by parts of a pixel: bilinear interpolation.
class moving_picture {
 public:
  moving_picture(const grey_picture& picture, const sensor_size& sensor)
      : picture_(picture),
        width_(static_cast<std::int64_t>(picture.width)),
        height_(static_cast<std::int64_t>(picture.height)),
        left_((std::int64_t{sensor.width} - width_) / 2),
        top_((std::int64_t{sensor.height} - height_) / 2) {}

  /// The value that pixel (x, y) sees while the picture is displaced.
  double at(std::uint32_t x, std::uint32_t y, const displacement& by) const {
    const double px = static_cast<double>(x) - static_cast<double>(left_) - by.x;
    const double py = static_cast<double>(y) - static_cast<double>(top_) - by.y;
    const auto i = whole(px), j = whole(py);
    const double u = px - static_cast<double>(i), v = py - static_cast<double>(j);
    const double above = between(dot(i, j), dot(i + 1, j), u), below = between(dot(i, j + 1), dot(i + 1, j + 1), u);
    return between(above, below, v);
  }

  /// Whether all that pixel (x, y) can see has one value, where displacements are between these.
  bool is_plain(std::uint32_t x, std::uint32_t y, const displacement& least, const displacement& most) const {
    const double px = static_cast<double>(x) - static_cast<double>(left_);
    const double py = static_cast<double>(y) - static_cast<double>(top_);
    const auto first_column = whole(px - most.x), first_row = whole(py - most.y);
    const double value = dot(first_column, first_row);
    for (auto row = first_row; row <= whole(py - least.y) + 1; ++row) {
      for (auto column = first_column; column <= whole(px - least.x) + 1; ++column) {
        if (dot(column, row) != value) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  /// The largest whole number up to `place`, which lies within 2^32 of 0.
  static std::int64_t whole(double place) {
    constexpr std::int64_t far = std::int64_t{1} << 32U;
    return static_cast<std::int64_t>(place + static_cast<double>(far)) - far;
  }
  static double between(double a, double b, double share) { return a + share * (b - a); }

  double dot(std::int64_t column, std::int64_t row) const {
    const bool inside = column >= 0 && row >= 0 && column < width_ && row < height_;
    return inside ? picture_.values[static_cast<std::size_t>(row * width_ + column)] : 0.0;
  }

  grey_picture picture_;
  std::int64_t width_, height_, left_, top_;
};

/// The photoreceptor: logarithmic above `linear_below`, linear below, with the same slope where they meet.
class light_response {
 public:
  explicit light_response(const event_camera_spec& s) : black_(s.black), linear_below_(s.linear_below) {}

  double of(double value) const {
    const double light = black_ + (1.0 - black_) * value;
    return light < linear_below_ ? light / linear_below_ - 1.0 + std::log(linear_below_) : std::log(light);
  }

 private:
  double black_, linear_below_;
};

/// A low-pass of first order, exact for an input that goes in straight lines over steps of one width.
class low_pass {
 public:
  /// A time constant of 0: what goes in comes out.
  low_pass(double tau_us, double step_us, double start)
      : lag_(tau_us / step_us),
        decay_(tau_us > 0.0 ? std::exp(-step_us / tau_us) : 0.0),
        input_(start),
        output_(start) {}

  double next(double input) {
    const double behind = (input - input_) * lag_;  // the output's distance in the long run
    output_ = input - behind + (output_ - input_ + behind) * decay_;
    input_ = input;
    return output_;
  }

 private:
  double lag_, decay_, input_, output_;
};

}  // namespace backspike
