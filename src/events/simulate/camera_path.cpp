// The place of a picture at a time, and the paths there are.

#include "events/simulate/camera_path.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace backspike {

namespace {

/// The share of a saccade's way after a share of its time: its speed is a raised cosine, 0 at both ends, 2 in between.
double smooth_share(double u) { return u - std::sin(2.0 * std::numbers::pi * u) / (2.0 * std::numbers::pi); }

}  // namespace

displacement camera_path::at(double t_us) const {
  const double legs = std::clamp(t_us / leg_us, 0.0, static_cast<double>(corners.size() - 1));
  const auto leg = std::min(static_cast<std::size_t>(legs), corners.size() - 2);
  const double u = legs - static_cast<double>(leg), share = smooth ? smooth_share(u) : u;
  const auto &from = corners[leg], &to = corners[leg + 1];
  return {std::lerp(from.x, to.x, share), std::lerp(from.y, to.y, share)};
}

double camera_path::fastest() const {
  double longest = 0.0;
  for (std::size_t k = 1; k < corners.size(); ++k) {
    longest = std::max(longest, std::hypot(corners[k].x - corners[k - 1].x, corners[k].y - corners[k - 1].y));
  }
  return (smooth ? 2.0 : 1.0) * longest / leg_us;
}

camera_path triangle_path(double side, double leg_us, unsigned first, bool backward) {
  const double half = 0.5 * side, height = 0.5 * std::sqrt(3.0) * side;
  const std::array<displacement, 3> triangle{
      {{-half, -height / 3.0}, {0.0, 2.0 * height / 3.0}, {half, -height / 3.0}}};
  camera_path path{{}, leg_us, true};
  for (unsigned k = 0; k <= triangle.size(); ++k) {
    path.corners.push_back(triangle[(first + (backward ? 3 * k - k : k)) % triangle.size()]);
  }
  return path;
}

camera_path straight_path(double direction, double speed_us, double duration_us) {
  const double angle = direction * std::numbers::pi / 180.0, half = 0.5 * speed_us * duration_us;
  const displacement end{half * std::cos(angle), -half * std::sin(angle)};
  return {{{-end.x, -end.y}, end}, duration_us, false};
}

camera_path path_of(const event_camera_spec& spec) {
  constexpr double us_in_ms = 1000.0, us_in_s = 1e6;
  switch (spec.motion) {
    case picture_motion::saccades:
      return triangle_path(spec.amplitude, us_in_ms * spec.saccade_ms);
    case picture_motion::straight:
      return straight_path(spec.direction, spec.speed / us_in_s, us_in_ms * spec.duration_ms);
    case picture_motion::still:
      break;
  }
  return straight_path(0.0, 0.0, us_in_ms * spec.duration_ms);
}

}  // namespace backspike
