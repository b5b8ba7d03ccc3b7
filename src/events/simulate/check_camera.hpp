#pragma once
// What a simulated camera refuses.

#include <backspike/events/event_camera.hpp>

namespace backspike {

/// Throws value_error naming the setting.
void check_camera(const event_camera_spec& spec);

/// Throws value_error: nothing to see, other than width * height values, a value outside of [0, 1].
void check_picture(const grey_picture& picture);

/// Throws value_error: longer than an hour, or more steps than 2^20.
void check_motion(double duration_us, double steps);

}  // namespace backspike
