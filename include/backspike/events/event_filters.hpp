#pragma once
// Filters of recordings. They return new events and leave those that they are given alone.

#include <backspike/events/camera_event.hpp>

#include <cstdint>
#include <span>

namespace backspike {

struct hot_pixel_result {
  event_buffer events;
  std::uint64_t pixels = 0;   // that were hot
  std::uint64_t removed = 0;  // their events
};

/// Leaves out the pixels that spoke more often than `most_rate` [Hz] over the whole recording, from its earliest event
/// to its latest. A recording without a length has no rates: nothing is hot. Throws value_error: a sensor that is not
/// known, a rate that is not above 0, an event outside of the sensor.
hot_pixel_result without_hot_pixels(std::span<const camera_event> all, const sensor_size& sensor, double most_rate);

/// Leaves out what a pixel says less than `refractory_us` after what was kept of it, of either polarity; an event
/// before that one in time is kept. Throws value_error: a sensor that is not known, a time below 0, an event outside.
event_buffer with_refractory_time(std::span<const camera_event> all, const sensor_size& sensor,
                                  std::int64_t refractory_us);

/// Leaves out what no other pixel speaks for: an event stays if one of the 8 pixels around it has spoken at most
/// `window_us` before, of either polarity and kept or not (Delbruck 2008, frame-free dynamic digital vision). Throws as
/// with_refractory_time.
event_buffer without_isolated_events(std::span<const camera_event> all, const sensor_size& sensor,
                                     std::int64_t window_us);

}  // namespace backspike
