// AEDAT 4, of DV: packets of several streams, each packed by itself; those of one stream of events are read.

#include "events/aedat4/aedat4_tables.hpp"
#include "events/aedat4/packed_bytes.hpp"
#include "events/aedat4/stream_list.hpp"
#include "events/decoder.hpp"
#include "events/formats.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

namespace backspike {
namespace {

constexpr std::size_t mark_bytes = 14, packet_header = 8, event_bytes = 16;
constexpr std::uint32_t longest_header = 1U << 24U, longest_packet = 1U << 28U;
constexpr auto events_type = "EVTS";

/// What a packet may unpack to. Events are hardly ever packed to less than a byte of their 16; what claims to be is
/// made to fill the memory.
std::size_t most_unpacked(std::size_t packed) {
  constexpr std::size_t least = 65536, factor = 256;
  return std::min<std::size_t>(longest_packet, least + factor * packed);
}

struct file_header {
  packing how = packing::none;
  std::uint64_t end = std::numeric_limits<std::uint64_t>::max();  // where the packets end, and the table begins
  std::map<std::int32_t, aedat4_stream> streams;
};

class aedat4_decoder final : public event_decoder {
 public:
  aedat4_decoder(const decoder_setup& s, file_header header, std::optional<std::int32_t> stream)
      : report_(s.report), header_(std::move(header)), stream_(stream) {}

  /// Coordinates have a sign, which none should use.
  sensor_size most() const override { return {32768, 32768}; }

  bool decode(byte_source& from, event_buffer& to, std::size_t most) override {
    if (events_.empty()) {
      return next_packet(from);
    }
    constexpr std::size_t piece = event_reader::chunk_events / 4;
    const std::size_t count = std::min({events_.size(), most, piece});
    camera_event* const first = to.room(count);
    for (std::size_t k = 0; k < count; ++k) {
      const std::uint8_t* const b = events_[k].bytes;
      store_event(
          first + k, little_endian<std::int64_t>(b),
          packed_pixel(little_endian<std::uint16_t>(b + 8), little_endian<std::uint16_t>(b + 10), b[12] != 0 ? 1 : 0));
    }
    to.added(count);
    events_ = events_.subspan(count);
    return true;
  }

 private:
  bool next_packet(byte_source& from) {
    if (from.position() >= header_.end) {  // the table of packets, which says nothing new
      from.skip_far(from.left());
      return false;
    }
    const auto bytes = from.ready(packet_header);
    if (bytes.size() < packet_header) {
      return cut_off(from, bytes.size());
    }
    const auto stream = little_endian<std::int32_t>(bytes.data());
    const auto size = little_endian<std::uint32_t>(bytes.data() + 4);
    if (size > longest_packet) {
      from.fail("damaged: a packet of " + std::to_string(size) + " bytes (accepted: up to 268435456)", 4);
    }
    from.skip(packet_header);
    return stream_ && stream != *stream_ ? skip_packet(from, stream, size) : take_packet(from, size);
  }

  bool cut_off(byte_source& from, std::size_t bytes) {
    report_.truncated_bytes += bytes;
    from.skip(bytes);
    return false;
  }

  bool skip_packet(byte_source& from, std::int32_t stream, std::uint32_t size) {
    ++report_.ignored_of(kind_of(stream));
    const auto before = from.position();
    from.skip_far(size);
    const auto skipped = from.position() - before;
    report_.truncated_bytes += skipped < size ? skipped : 0;
    return true;
  }

  std::string_view kind_of(std::int32_t stream) const {
    const auto found = header_.streams.find(stream);
    const std::string_view type = found == header_.streams.end() ? "" : std::string_view(found->second.type);
    return type == events_type ? "packets of another stream of events"
           : type == "FRME"    ? "packets of frames"
           : type == "IMUS"    ? "packets of motion (IMU)"
           : type == "TRIG"    ? "packets of triggers"
                               : "packets of other types";
  }

  bool take_packet(byte_source& from, std::uint32_t size) {
    const auto packed = from.ready(size);
    if (packed.size() < size) {
      return cut_off(from, packed.size());
    }
    const auto fault = unpacked_.unpack(packed.first(size), header_.how, most_unpacked(size));
    if (!fault.empty()) {
      from.fail("damaged: a packet: " + fault);
    }
    if (const auto* table = aedat4_table_in<aedat4_packet_table>(unpacked_.bytes(), events_type)) {
      events_ = table->elements();
    } else if (stream_) {
      from.fail("damaged: a packet of the stream of events is none of events (EVTS), or damaged");
    } else {
      ++report_.ignored_of("packets of other types");
    }
    from.skip(size);
    return true;
  }

  event_report& report_;
  file_header header_;
  std::optional<std::int32_t> stream_;  // none: the header does not say, packets do
  unpacked_bytes unpacked_;
  std::span<const aedat4_event> events_;  // in it
};

packing packing_of(const decoder_setup& setup, std::int32_t compression) {
  switch (compression) {
    case 0:
      return packing::none;
    case 1:
    case 2:
      return packing::lz4;
    case 3:
    case 4:
      return packing::zstd;
    default:
      setup.from.fail("its compression has the number " + std::to_string(compression) +
                      " (accepted: 0 none, 1 and 2 LZ4, 3 and 4 Zstandard)");
  }
}

file_header take_header(const decoder_setup& setup) {
  auto& from = setup.from;
  const auto head = from.ready(mark_bytes + 4);
  if (!text_of(head).starts_with("#!AER-DAT4.0\r\n")) {
    from.fail("AEDAT of version " + std::string(text_of(head).substr(9, 3)) + " (accepted: 2.0, 3.1 and 4.0)");
  }
  if (head.size() < mark_bytes + 4) {
    from.fail("its header is damaged: it is cut off");
  }
  const auto size = little_endian<std::uint32_t>(head.data() + mark_bytes);
  if (size > longest_header) {
    from.fail("its header is damaged: " + std::to_string(size) + " bytes", mark_bytes);
  }
  from.skip(mark_bytes);
  const auto there = from.ready(size + 4);
  const std::vector<std::uint8_t> bytes(there.begin(),
                                        there.begin() + std::min<std::ptrdiff_t>(size + 4, std::ssize(there)));
  const auto* table = aedat4_table_in<aedat4_header_table>(bytes, "IOHE");
  if (table == nullptr) {
    from.fail("its header is damaged: no description of streams (IOHE)");
  }
  file_header header;
  header.how = packing_of(setup, table->compression());
  const auto end = table->table_position();
  header.end = end < 0 ? header.end : static_cast<std::uint64_t>(end);
  header.streams = aedat4_streams(table->information());
  from.skip(size + 4);
  return header;
}

}  // namespace

std::unique_ptr<event_decoder> open_aedat4(const decoder_setup& setup) {
  auto header = take_header(setup);
  std::optional<std::int32_t> stream;
  for (const auto& [number, s] : header.streams) {
    if (s.type == events_type && !stream) {
      stream = number;
      set_sensor(setup, s.width > 0 && s.height > 0 ? sensor_size{s.width, s.height} : sensor_size{});
      setup.file.details = "stream " + std::to_string(number) + (s.source.empty() ? "" : ", " + s.source);
    }
  }
  if (!stream && !header.streams.empty()) {
    setup.from.fail("it has no stream of events (EVTS)");
  }
  return std::make_unique<aedat4_decoder>(setup, std::move(header), stream);
}

}  // namespace backspike
