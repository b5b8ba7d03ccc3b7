// AEDAT 3.1: packets of polarity events that share the upper part of their time.

#include "events/write/encoders.hpp"

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t packet_events = 4096;
constexpr std::uint32_t coordinates = 32768;                      // 15 bits
constexpr std::int64_t most_time = (std::int64_t{1} << 62U) - 1;  // 31 bits, and 31 of overflow

class aedat3_encoder final : public event_encoder {
 public:
  explicit aedat3_encoder(const sensor_size& sensor) : sensor_(sensor) {}

  void begin(const put_bytes& put) override {
    const bool dvs128 = sensor_ == sensor_size{128, 128};
    put("#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: " + std::string(dvs128 ? "DVS128" : "Unknown") + "\r\n" +
        (sensor_.known() ? "#Geometry: " + std::to_string(sensor_.width) + "x" + std::to_string(sensor_.height) + "\r\n"
                         : "") +
        "#!END-HEADER\r\n");
  }

  void add(std::span<const camera_event> events, const put_bytes& put) override {
    for (const auto& e : events) {
      require_pixel(index_, e, sensor_.known() ? sensor_.width : coordinates,
                    sensor_.known() ? sensor_.height : coordinates);
      require_pixel(index_, e, coordinates, coordinates);
      if (e.t < 0 || e.t > most_time) {
        refuse_event(index_, "t", e.t, "0 to 2^62 - 1");
      }
      if (!packet_.empty() && (packet_.size() == packet_events || e.t >> 31U != packet_[0].t >> 31U)) {
        write_packet(put);
      }
      packet_.push_back(e);
      ++index_;
    }
  }

  void finish(const put_bytes& put) override {
    if (!packet_.empty()) {
      write_packet(put);
    }
  }

 private:
  void write_packet(const put_bytes& put) {
    const auto count = packet_.size();
    out_.little<2>(1);  // polarity
    out_.little<2>(1);  // the source that the header names
    out_.little<4>(8);
    out_.little<4>(4);
    out_.little<4>(static_cast<std::uint64_t>(packet_[0].t >> 31U));
    for (int k = 0; k < 3; ++k) {  // capacity, number, valid
      out_.little<4>(count);
    }
    for (const auto& e : packet_) {
      out_.little<4>(1U | (e.on ? 2U : 0U) | std::uint32_t{e.y} << 2U | std::uint32_t{e.x} << 17U);
      out_.little<4>(static_cast<std::uint64_t>(e.t & 0x7FFFFFFF));
    }
    out_.put(put);
    packet_.clear();
  }

  sensor_size sensor_;
  byte_sink out_;
  std::vector<camera_event> packet_;
  std::uint64_t index_ = 0;
};

}  // namespace

std::unique_ptr<event_encoder> make_aedat3_encoder(const sensor_size& sensor) {
  return std::make_unique<aedat3_encoder>(sensor);
}

}  // namespace backspike
