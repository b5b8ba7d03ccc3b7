// Memory of lists of events, which grows by moving pages instead of copying what is in them.

#include <backspike/events/camera_event.hpp>

#include "events/large_memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

namespace backspike {

static_assert(std::is_trivially_copyable_v<camera_event>, "moved as bytes");

namespace {

constexpr std::size_t large_bytes = 2 * huge_page;

bool is_large(std::size_t events) { return events * sizeof(camera_event) >= large_bytes; }

/// Throws std::bad_alloc; then the old memory is as it was.
void* moved(void* old, std::size_t old_events, std::size_t events) {
  const std::size_t old_bytes = old_events * sizeof(camera_event), bytes = events * sizeof(camera_event);
  void* const now = !is_large(events)      ? std::realloc(old, bytes)
                    : is_large(old_events) ? grown_large_memory(old, old_bytes, bytes)
                                           : large_memory(bytes);
  if (now == nullptr) {
    throw std::bad_alloc();
  }
  if (is_large(events) && old != nullptr && !is_large(old_events)) {
    std::memcpy(now, old, old_bytes);
    std::free(old);
  }
  return now;
}

}  // namespace

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

event_buffer::~event_buffer() {
  if (is_large(capacity_)) {
    free_large_memory(events_, capacity_ * sizeof(camera_event));
  } else {
    std::free(events_);
  }
}

camera_event* event_buffer::room(std::size_t more) {
  if (capacity_ - size_ < more) {
    constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(camera_event);
    if (more > most - size_) {
      throw std::bad_alloc();
    }
    std::size_t wanted = std::max(size_ + more, capacity_ < most / 2 ? 2 * capacity_ : most);
    if (is_large(wanted)) {  // whole pages
      constexpr std::size_t page = huge_page / sizeof(camera_event);
      wanted = std::min((wanted + page - 1) / page * page, most / page * page);
    }
    events_ = static_cast<camera_event*>(moved(events_, capacity_, wanted));
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
