#pragma once
// Writes files that other programs for event cameras read: N-MNIST .bin and .bs2, EVT 2.0 and 3.0, AEDAT 3.1, NPZ.

#include <backspike/core/file.hpp>
#include <backspike/events/camera_event.hpp>
#include <backspike/events/event_format.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>

namespace backspike {

/// Bytes of one format, written part by part.
class event_encoder {
 public:
  virtual ~event_encoder() = default;
  virtual void begin(const put_bytes& put) = 0;
  /// Throws value_error naming the event that the format cannot hold: a pixel or a time beyond its range, a time that
  /// steps back where the format has no way to say so.
  virtual void add(std::span<const camera_event> events, const put_bytes& put) = 0;
  virtual void finish(const put_bytes& put) = 0;
};

/// Throws value_error: a format that is not written, or one that needs the sensor's size where it is not known.
std::unique_ptr<event_encoder> encoder_of(event_format format, const sensor_size& sensor);

/// The format that a name asks for: .bin, .bs2, .aedat, .npz; .raw is EVT 3.0. Throws value_error for others.
event_format format_for_writing(const std::string& path);

/// The next events, empty at the end.
using event_supply = std::function<std::span<const camera_event>()>;

/// Atomic: the file appears whole or not at all. Throws what encoder_of, its `add` and replace_file throw.
void write_events(const std::string& path, event_format format, const sensor_size& sensor, const event_supply& supply);
void write_events(const std::string& path, event_format format, const sensor_size& sensor,
                  std::span<const camera_event> events);

}  // namespace backspike
