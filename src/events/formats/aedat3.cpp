// AEDAT 3.1, of cAER: packets of one type each, little-endian. DVS Gesture has this format.

#include "events/decoder.hpp"
#include "events/formats.hpp"
#include "events/raw_header.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t longest_header = 65536, packet_header = 28, event_bytes = 8;
constexpr std::string_view end_mark = "#!END-HEADER";
constexpr std::uint16_t polarity = 1;
constexpr std::array<std::string_view, 4> ignored_packets{"packets of special events", "", "packets of frames",
                                                          "packets of motion (IMU)"};

struct packet {
  std::uint16_t type = 0, source = 0;
  std::uint32_t size = 0, time_offset = 0, overflow = 0, capacity = 0, number = 0, valid = 0;
};

packet packet_at(const std::uint8_t* b) {
  return {little_endian<std::uint16_t>(b),      little_endian<std::uint16_t>(b + 2),
          little_endian<std::uint32_t>(b + 4),  little_endian<std::uint32_t>(b + 8),
          little_endian<std::uint32_t>(b + 12), little_endian<std::uint32_t>(b + 16),
          little_endian<std::uint32_t>(b + 20), little_endian<std::uint32_t>(b + 24)};
}

constexpr std::uint32_t most_signed = 0x7FFFFFFF;

/// What a header cannot say; empty: nothing is wrong.
std::string fault_of(const packet& p) {
  if (p.size == 0 || p.size > most_signed || p.number > most_signed || p.capacity > most_signed) {
    return "a packet of " + std::to_string(p.number) + " events of " + std::to_string(p.size) + " bytes";
  }
  if (p.number > p.capacity || p.valid > p.number) {
    return "a packet with room for " + std::to_string(p.capacity) + " events has " + std::to_string(p.number) + ", " +
           std::to_string(p.valid) + " of them valid";
  }
  if (p.overflow > most_signed) {
    return "a negative overflow of the time";
  }
  if (p.type == polarity && (p.size != event_bytes || p.time_offset != 4)) {
    return "polarity events of " + std::to_string(p.size) + " bytes with the time at " + std::to_string(p.time_offset) +
           " (accepted: 8 and 4)";
  }
  return "";
}

class aedat3_decoder final : public event_decoder {
 public:
  explicit aedat3_decoder(const decoder_setup& s) : report_(s.report) {}

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    if (number_ == 0) {
      return next_packet(from);
    }
    const auto bytes = from.ready(event_bytes);
    constexpr std::size_t piece = event_reader::chunk_events / 4;
    const std::size_t count = std::min<std::size_t>({number_, bytes.size() / event_bytes, most, piece});
    if (count == 0) {
      report_.truncated_bytes += from.left();
      from.skip_far(from.left());
      return false;
    }
    camera_event *const first = to.room(count), *out = first;
    for (std::size_t k = 0; k < count; ++k) {
      out = store(bytes.data() + k * event_bytes, out);
    }
    to.added(static_cast<std::size_t>(out - first));
    from.skip(count * event_bytes);
    number_ -= static_cast<std::uint32_t>(count);
    require_valid_count();
    return true;
  }

 private:
  bool next_packet(byte_source& from) {
    const auto bytes = from.ready(packet_header);
    if (bytes.size() < packet_header) {
      report_.truncated_bytes += bytes.size();
      from.skip(bytes.size());
      return false;
    }
    const auto p = packet_at(bytes.data());
    if (const auto fault = fault_of(p); !fault.empty()) {
      from.fail("damaged: " + fault);
    }
    from.skip(packet_header);
    if (p.type == polarity) {
      number_ = p.number;
      valid_left_ = p.valid;
      overflow_ = static_cast<std::int64_t>(p.overflow) << 31U;
      return true;
    }
    return skip_packet(from, p);
  }

  bool skip_packet(byte_source& from, const packet& p) {
    const std::uint64_t bytes = std::uint64_t{p.number} * p.size;
    report_.ignored_of(p.type < ignored_packets.size() ? ignored_packets[p.type] : "packets of other types") += 1;
    if (bytes > from.left()) {
      report_.truncated_bytes += from.left();
    }
    from.skip_far(std::min(bytes, from.left()));
    return true;
  }

  camera_event* store(const std::uint8_t* at, camera_event* out) {
    const auto data = little_endian<std::uint32_t>(at), time = little_endian<std::uint32_t>(at + 4);
    if ((data & 1U) == 0) {
      ++report_.invalid_of("events marked as invalid");
      return out;
    }
    valid_left_ -= 1;
    if (time > most_signed) {
      ++report_.invalid_of("events at negative times");
      return out;
    }
    const std::uint32_t x = data >> 17U, y = data >> 2U & 0x7FFFU;
    store_event(out, overflow_ | time, packed_pixel(x, y, data >> 1U & 1U));
    return out + 1;
  }

  void require_valid_count() {
    if (number_ == 0 && valid_left_ != 0) {
      ++report_.invalid_of("packets whose number of valid events is another than they say");
    }
  }

  event_report& report_;
  std::uint32_t number_ = 0;     // events left in the packet
  std::int64_t valid_left_ = 0;  // of those that it announced
  std::int64_t overflow_ = 0;
};

/// "#Source 1: DVS128" and, in files of ours, "#Geometry: 34x34".
sensor_size sensor_in(std::string_view header) {
  constexpr std::string_view mark = "#Geometry: ";
  if (const auto at = header.find(mark); at != std::string_view::npos) {
    auto value = header.substr(at + mark.size());
    value = value.substr(0, value.find_first_of("\r\n"));
    return size_from(value).value_or(sensor_size{});
  }
  const auto named = [&](std::string_view name) { return header.find(name) != std::string_view::npos; };
  return named("DVS128")     ? sensor_size{128, 128}
         : named("DAVIS240") ? sensor_size{240, 180}
         : named("DAVIS346") ? sensor_size{346, 260}
                             : sensor_size{};
}

}  // namespace

std::unique_ptr<event_decoder> open_aedat3(const decoder_setup& setup) {
  const auto head = text_of(setup.from.look(longest_header));
  if (!head.starts_with("#!AER-DAT3.1")) {
    setup.from.fail("AEDAT of version " + std::string(head.substr(9, 3)) + " (accepted: 2.0, 3.1 and 4.0)");
  }
  const auto end = head.substr(0, std::min(head.size(), longest_header)).find(end_mark);
  const auto line_end = end == std::string_view::npos ? end : head.find('\n', end);
  if (line_end == std::string_view::npos) {
    setup.from.fail("its header has no end (#!END-HEADER)");
  }
  set_sensor(setup, sensor_in(head.substr(0, end)));
  setup.from.skip(line_end + 1);
  return std::make_unique<aedat3_decoder>(setup);
}

}  // namespace backspike
