// Cuts recordings of a simulated camera into steps.

#include "io/load/camera_steps.hpp"

#include "data/append.hpp"

#include <cmath>
#include <utility>

namespace backspike {

event_camera_spec camera_of(const data_spec& spec) {
  auto camera = spec.event_camera;
  if (spec.events.width > 0 || spec.events.height > 0) {
    camera.width = spec.events.width;
    camera.height = spec.events.height;
  }
  return camera;
}

camera_steps::camera_steps(const data_spec& spec, const sensor_size& sensor, double duration_us)
    : how_(preparation_of(spec, {}, sensor)) {
  if (how_.steps.steps == 0 && how_.steps.bin_us > 0 && how_.steps.events_per_step == 0) {
    how_.steps.steps = static_cast<std::uint64_t>(std::ceil(duration_us / static_cast<double>(how_.steps.bin_us)));
  }
  const auto nothing = events_to_steps({}, how_.steps);
  channels_ = nothing.channels();
  shape_ = {nothing.polarities, nothing.height, nothing.width};
}

std::uint64_t camera_steps::append(event_buffer events, ragged_events& to) const {
  auto steps = events_to_steps(filtered(std::move(events), how_).events(), how_.steps);
  ragged_events sample;
  sample.spikes = std::move(steps.rows);
  sample.end_sample();
  append_samples(to, sample);
  return steps.counts.merged;
}

}  // namespace backspike
