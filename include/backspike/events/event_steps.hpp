#pragma once
// From events to the steps of a network: by time, by number of events, or both. No event is lost without being counted:
// time counts from a stated origin, the last, partial step is a step, and so is that of a single event.

#include <backspike/core/events.hpp>
#include <backspike/data/event_spec.hpp>
#include <backspike/events/camera_event.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace backspike {

/// A part of the sensor; a width or height of 0 reaches to its edge.
struct event_region {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
};

struct event_step_options {
  sensor_size sensor;      // must be known: channels are its pixels
  event_region crop;       // events elsewhere are left out
  std::uint32_t down = 1;  // blocks of so many pixels in each direction become one; a partial block at an edge stays
  polarity_channels polarity = polarity_channels::both;
  std::int64_t bin_us = 0;            // width of a step [us]; 0: not by time
  std::uint64_t events_per_step = 0;  // 0: not by number. With both, a step of more events is cut into several
  std::int64_t origin_us = 0;         // where the first step begins; events before are left out
  bool from_first = false;            // it begins with the first event instead
  std::uint64_t steps = 0;            // so many, empty ones at the end included; 0: to the last event, at least one
  duplicate_events duplicates = duplicate_events::one;
};

/// Where the events went: taken + merged + before + after + cropped + other_polarity + outside are all of them.
struct event_step_counts {
  std::uint64_t taken = 0;   // events of the result
  std::uint64_t merged = 0;  // fell on one of their channel and step: counted in its value, or gone
  std::uint64_t before = 0;  // the origin
  std::uint64_t after = 0;   // the last step that was asked for
  std::uint64_t cropped = 0;
  std::uint64_t other_polarity = 0;
  std::uint64_t outside = 0;  // of the sensor
};

struct stepped_events {
  events rows;                          // a row for each step; channel: (y * width + x) * polarities + polarity
  std::uint32_t width = 0, height = 0;  // after cropping and blocks
  std::uint32_t polarities = 1;         // 2: OFF, ON
  event_step_counts counts;

  std::uint32_t channels() const { return width * height * polarities; }
};

/// Events in any order. Throws value_error: a size that is not known, a region beyond the sensor, neither bin_us nor
/// events_per_step, more than 2^24 steps (times that count from 1970, say: take from_first).
stepped_events events_to_steps(std::span<const camera_event> all, const event_step_options& options);

}  // namespace backspike
