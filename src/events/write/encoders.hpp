#pragma once
// What encoders share: bytes that are gathered before they are written, and how they refuse an event.

#include <backspike/core/error.hpp>
#include <backspike/events/event_writer.hpp>

#include <cstdint>
#include <string>

namespace backspike {

/// Gathers bytes, so that each number is no call of its own.
class byte_sink {
 public:
  template <int Bytes>
  void little(std::uint64_t value) {
    for (int k = 0; k < Bytes; ++k) {
      bytes_.push_back(static_cast<char>(value >> (8 * k) & 255U));
    }
  }
  template <int Bytes>
  void big(std::uint64_t value) {
    for (int k = Bytes - 1; k >= 0; --k) {
      bytes_.push_back(static_cast<char>(value >> (8 * k) & 255U));
    }
  }
  void text(std::string_view text) { bytes_ += text; }
  std::size_t size() const { return bytes_.size(); }
  void put(const put_bytes& put) {
    put(bytes_);
    bytes_.clear();
  }
  /// Once there are many.
  void put_some(const put_bytes& put_to) {
    constexpr std::size_t many = std::size_t{1} << 16U;
    if (bytes_.size() >= many) {
      put(put_to);
    }
  }

 private:
  std::string bytes_;
};

[[noreturn]] inline void refuse_event(std::uint64_t index, const std::string& member, std::int64_t value,
                                      const std::string& accepted) {
  throw value_error("write events", member + " of event " + std::to_string(index), std::to_string(value), accepted);
}

/// Throws value_error unless x < width and y < height.
inline void require_pixel(std::uint64_t index, const camera_event& e, std::uint32_t width, std::uint32_t height) {
  if (e.x >= width) {
    refuse_event(index, "x", e.x, "0 to " + std::to_string(width - 1));
  }
  if (e.y >= height) {
    refuse_event(index, "y", e.y, "0 to " + std::to_string(height - 1));
  }
}

using make_encoder = std::unique_ptr<event_encoder>(const sensor_size& sensor);
make_encoder make_bin_encoder, make_evt2_encoder, make_evt3_encoder, make_aedat3_encoder, make_npz_encoder;

}  // namespace backspike
