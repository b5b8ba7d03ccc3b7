#pragma once
// What an event camera says: at this time, at this pixel, the light rose (ON) or fell (OFF). And a growing list of that
// in one piece of memory.

#include <cstddef>
#include <cstdint>
#include <span>

namespace backspike {

/// x counts from the left, y from the top, both from 0.
struct camera_event {
  std::int64_t t = 0;  // [us] from where the format counts (docs/events.md)
  std::uint16_t x = 0, y = 0;
  bool on = false;
  bool operator==(const camera_event&) const = default;
};
static_assert(sizeof(camera_event) == 16, "Python sees these bytes as a structured array");

/// Pixels of a sensor; 0: not known.
struct sensor_size {
  std::uint32_t width = 0, height = 0;
  bool known() const { return width > 0 && height > 0; }
  bool operator==(const sensor_size&) const = default;
};

/// A list of events. Unlike std::vector it does not fill memory that is about to be written, and hands it over.
class event_buffer {
 public:
  event_buffer() = default;
  event_buffer(event_buffer&& other) noexcept;
  event_buffer& operator=(event_buffer&& other) noexcept;
  ~event_buffer();

  const camera_event* data() const { return events_; }
  camera_event* data() { return events_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  std::span<const camera_event> events() const { return {events_, size_}; }
  const camera_event& operator[](std::size_t i) const { return events_[i]; }
  const camera_event* begin() const { return events_; }
  const camera_event* end() const { return events_ + size_; }

  /// Makes room for so many more, and returns where the first of them goes; `added` says how many came. Throws
  /// std::bad_alloc.
  camera_event* room(std::size_t more);
  void added(std::size_t count) { size_ += count; }
  void append(std::span<const camera_event> events);
  /// Keeps the first `size`.
  void shorten(std::size_t size) { size_ = size; }
  void clear() { size_ = 0; }

 private:
  camera_event* events_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace backspike
