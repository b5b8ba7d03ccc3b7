#pragma once
// Where a picture is over time, while a simulated camera looks at it: straight legs between corners.

#include <backspike/data/event_camera_spec.hpp>

#include <vector>

namespace backspike {

/// How far the picture is from the middle of the sensor [pixels]; y counts from the top.
struct displacement {
  double x = 0.0, y = 0.0;
};

struct camera_path {
  std::vector<displacement> corners;  // at least two
  double leg_us = 0.0;                // [us] from a corner to the next
  bool smooth = false;                // a leg begins and ends at rest, as a saccade; else its speed is constant

  double duration_us() const { return leg_us * static_cast<double>(corners.size() - 1); }
  /// At most duration_us().
  displacement at(double t_us) const;
  /// The largest speed [pixels/us].
  double fastest() const;
};

/// Three saccades along an equilateral triangle, from the corner `first` (0, 1, 2) on, and on to the next one
/// (`backward`: to the one before). From 0 on the picture goes down to the right, up to the right and to the left, as
/// those of N-MNIST do.
camera_path triangle_path(double side, double leg_us, unsigned first = 0, bool backward = false);

/// From one side to the other, over the middle in half of the time. `direction`: [degrees] 0: to the right, 90: up.
camera_path straight_path(double direction, double speed_us, double duration_us);

camera_path path_of(const event_camera_spec& spec);

}  // namespace backspike
