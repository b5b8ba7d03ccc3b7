#pragma once
// From recordings of a simulated camera to steps of a network, as the tables [data] and [data.events] say.

#include <backspike/core/events.hpp>
#include <backspike/core/shape.hpp>
#include <backspike/data/data_spec.hpp>
#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_samples.hpp>

namespace backspike {

/// The camera of data.event_camera, with the sensor of data.events where that says one.
event_camera_spec camera_of(const data_spec& spec);

class camera_steps {
 public:
  /// Recordings of `duration_us` last so long, unless data.duration_ms is set. Throws what preparation_of throws.
  camera_steps(const data_spec& spec, const sensor_size& sensor, double duration_us);

  std::uint32_t channels() const { return channels_; }
  const grid_shape& shape() const { return shape_; }  // [polarities, height, width]
  double dt() const { return how_.dt; }               // [ms]

  /// Adds a sample; returns how many of its events fell on another one of their channel and step.
  std::uint64_t append(event_buffer events, ragged_events& to) const;

 private:
  event_preparation how_;
  std::uint32_t channels_ = 0;
  grid_shape shape_;
};

}  // namespace backspike
