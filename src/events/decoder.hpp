#pragma once
// What a reader of one format is, and what readers share: words of a fixed size, events as two stores.

#include <backspike/events/event_reader.hpp>

#include "events/byte_source.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace backspike {

class event_decoder {
 public:
  virtual ~event_decoder() = default;
  /// Decodes some items (words, packets, lines), at most `most` of them, and at most about a chunk of events, and
  /// appends their events; oddities are counted in the report that it was made with. False: the file is at its end.
  virtual bool decode(byte_source& from, event_buffer& to, std::size_t most) = 0;
  /// Pixels that an address can name; events beyond them are left out even where no sensor is known.
  virtual sensor_size most() const { return {65536, 65536}; }
};

/// What a decoder is made with: the header's place, and where it says what it found.
struct decoder_setup {
  byte_source& from;  // at the first byte of the file
  const event_read_options& options;
  event_file& file;  // sensor and details go here
  event_report& report;
};

/// The file's size of the sensor; throws value_error where the options name another.
void set_sensor(const decoder_setup& setup, const sensor_size& said);

/// x, y and polarity as the second half of an event.
constexpr std::uint64_t packed_pixel(std::uint64_t x, std::uint64_t y, std::uint64_t on) {
  return x | y << 16U | on << 32U;
}

/// An event in two stores, where the parts of a structure would take four.
inline void store_event(camera_event* to, std::int64_t t, std::uint64_t pixel) {
  if constexpr (std::endian::native == std::endian::little) {
    auto* bytes = reinterpret_cast<unsigned char*>(to);
    std::memcpy(bytes, &t, 8);
    std::memcpy(bytes + 8, &pixel, 8);
  } else {
    *to = {t, static_cast<std::uint16_t>(pixel), static_cast<std::uint16_t>(pixel >> 16U), (pixel >> 32U & 1U) != 0};
  }
}

template <class Number>
Number little_endian(const std::uint8_t* bytes) {
  Number value;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, bytes, sizeof value);
  } else {
    value = 0;
    for (std::size_t k = 0; k < sizeof value; ++k) {
      value = static_cast<Number>(value | static_cast<Number>(bytes[k]) << (8 * k));
    }
  }
  return value;
}

inline std::uint32_t big_endian32(const std::uint8_t* b) {
  return std::uint32_t{b[0]} << 24U | std::uint32_t{b[1]} << 16U | std::uint32_t{b[2]} << 8U | b[3];
}

/// Feeds `loop(bytes, words, to)` with whole words of `Bytes` bytes, each at most `Events` events; it returns where it
/// stopped writing. What is left at the end is counted as cut off.
template <std::size_t Bytes, std::size_t Events, class Loop>
bool decode_words(byte_source& from, event_buffer& to, std::size_t most, event_report& report, Loop loop) {
  constexpr std::size_t piece = event_reader::chunk_events / 4 / Events;  // stays in the processor's cache
  const auto bytes = from.ready(Bytes);
  const std::size_t words = std::min({bytes.size() / Bytes, most, piece});
  if (words == 0) {
    report.truncated_bytes += bytes.size();
    from.skip(bytes.size());
    return false;
  }
  camera_event* const first = to.room(words * Events);
  camera_event* const last = loop(bytes.data(), words, first);
  to.added(static_cast<std::size_t>(last - first));
  from.skip(words * Bytes);
  return true;
}

}  // namespace backspike
