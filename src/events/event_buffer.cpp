// Memory of lists of events: realloc moves pages instead of copying what is in them.

#include <backspike/events/camera_event.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace backspike {

static_assert(std::is_trivially_copyable_v<camera_event>, "moved as bytes");

event_buffer::event_buffer(event_buffer&& other) noexcept
    : events_(std::exchange(other.events_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

event_buffer& event_buffer::operator=(event_buffer&& other) noexcept {
  std::swap(events_, other.events_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  return *this;
}

event_buffer::~event_buffer() { std::free(events_); }

camera_event* event_buffer::room(std::size_t more) {
  if (capacity_ - size_ < more) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(camera_event);
    if (more > most - size_) {
      throw std::bad_alloc();
    }
    const std::size_t wanted = std::max(size_ + more, capacity_ < most / 2 ? 2 * capacity_ : most);
    void* moved = std::realloc(static_cast<void*>(events_), wanted * sizeof(camera_event));
    if (moved == nullptr) {
      throw std::bad_alloc();
    }
    events_ = static_cast<camera_event*>(moved);
    capacity_ = wanted;
  }
  return events_ + size_;
}

void event_buffer::append(std::span<const camera_event> events) {
  if (!events.empty()) {
    std::memcpy(static_cast<void*>(room(events.size())), events.data(), events.size_bytes());
    added(events.size());
  }
}

}  // namespace backspike
