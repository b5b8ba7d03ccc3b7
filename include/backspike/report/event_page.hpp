#pragma once
// A page that plays a recording of an event camera. It holds the events; nothing is fetched.

#include <backspike/events/camera_event.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace backspike {

struct event_page {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // name, value as text
  sensor_size sensor;                                      // of the canvas; all events are on it
  std::span<const camera_event> events;                    // in any order of time
};

/// An event takes 11 bytes of the page.
constexpr std::size_t most_page_events = 2000000;

/// Throws value_error: no sensor, a sensor of more than 16 million pixels, an event outside of it, more events than
/// most_page_events, or a recording of more than 71 minutes.
std::string render_events(const event_page& page);

}  // namespace backspike
