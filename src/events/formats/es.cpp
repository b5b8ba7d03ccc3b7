// Event Stream, version 2: bytes that carry the time since the event before, and the polarity. Its y counts from the
// bottom, here it counts from the top.

#include "events/decoder.hpp"
#include "events/formats.hpp"

#include <string>

namespace backspike {
namespace {

constexpr std::size_t mark_bytes = 12, header_bytes = 20;  // "Event Stream", version, type, width, height
constexpr std::uint8_t later = 0xFF, reset = 0xFE;
constexpr std::int64_t later_us = 127;

class es_decoder final : public event_decoder {
 public:
  explicit es_decoder(const decoder_setup& s) : report_(s.report), height_(s.file.sensor.height) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    const auto bytes = from.ready(5);
    constexpr std::size_t piece = event_reader::chunk_events / 4;
    const auto *at = bytes.data(), *const end = at + bytes.size();
    const std::size_t items = std::min({most, piece, bytes.size()});
    camera_event *const first = to.room(items), *out = first;
    std::size_t done = 0;
    for (; done < items && at != end; ++done) {
      if (*at >= reset) {
        time_ += *at == later ? later_us : 0;
        resets_ += *at == reset ? 1 : 0;
        ++at;
      } else if (end - at >= 5) {
        out = store(at, out);
        at += 5;
      } else {
        break;
      }
    }
    to.added(static_cast<std::size_t>(out - first));
    from.skip(static_cast<std::size_t>(at - bytes.data()));
    return done > 0 || finish(from);
  }

 private:
  camera_event* store(const std::uint8_t* at, camera_event* out) {
    time_ += *at >> 1U;
    const std::uint32_t x = little_endian<std::uint16_t>(at + 1), y = little_endian<std::uint16_t>(at + 3);
    store_event(out, time_, packed_pixel(x, y < height_ ? height_ - 1 - y : y, *at & 1U));
    return out + 1;
  }

  bool finish(byte_source& from) {
    if (resets_ > 0) {
      report_.ignored_of("resets of the time") = resets_;
    }
    report_.truncated_bytes += from.left();
    from.skip_far(from.left());
    return false;
  }

  event_report& report_;
  std::uint32_t height_;
  std::int64_t time_ = 0;
  std::uint64_t resets_ = 0;
};

}  // namespace

std::unique_ptr<event_decoder> open_es(const decoder_setup& setup) {
  const auto head = setup.from.ready(header_bytes);
  if (head.size() < header_bytes) {
    setup.from.fail("its header is cut off: " + std::to_string(head.size()) + " of 20 bytes");
  }
  const unsigned version = head[mark_bytes], type = head[mark_bytes + 3];
  if (version != 2) {
    setup.from.fail("Event Stream " + std::to_string(version) + " (accepted: version 2)", mark_bytes);
  }
  if (type != 1) {
    setup.from.fail("Event Stream of type " + std::to_string(type) + " (accepted: 1, events of a DVS)", mark_bytes + 3);
  }
  const sensor_size said{little_endian<std::uint16_t>(head.data() + 16),
                         little_endian<std::uint16_t>(head.data() + 18)};
  if (!said.known()) {
    setup.from.fail("a sensor without pixels", mark_bytes + 4);
  }
  set_sensor(setup, said);
  setup.file.details = "y turned to count from the top";
  setup.from.skip(header_bytes);
  return std::make_unique<es_decoder>(setup);
}

}  // namespace backspike
