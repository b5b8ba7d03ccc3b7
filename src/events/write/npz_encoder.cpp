// NPZ with arrays t, x, y and p, as SpikingJelly and NumPy read it, not compressed; and the size of the sensor.

#include "events/write/encoders.hpp"

#include <zlib.h>

#include <algorithm>
#include <vector>

namespace backspike {
namespace {

constexpr std::size_t most_bytes = 0xFFFFFFFF;  // of an archive whose numbers have 32 bits

std::string npy_header(const std::string& type, std::size_t count) {
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }";
  constexpr std::size_t fixed = 10, alignment = 64;
  const std::size_t whole = (fixed + text.size() + 1 + alignment - 1) / alignment * alignment;
  text.resize(whole - fixed - 1, ' ');
  text += '\n';
  std::string bytes("\x93NUMPY\1\0", 8);
  bytes += static_cast<char>(text.size() & 255U);
  bytes += static_cast<char>(text.size() >> 8U);
  return bytes + text;
}

struct listed {
  std::string name;
  std::uint32_t checksum = 0, size = 0, place = 0;
};

/// An array as ZIP and NumPy want it; the archive has no time of its own: the same events give the same bytes.
void put_sizes(byte_sink& out, const listed& entry) {
  out.little<2>(0);              // stored
  out.little<2>(0);              // time
  out.little<2>(1U << 5U | 1U);  // 1 January 1980, the first day that there is
  out.little<4>(entry.checksum);
  out.little<4>(entry.size);
  out.little<4>(entry.size);
  out.little<2>(entry.name.size());
  out.little<2>(0);
}

class npz_encoder final : public event_encoder {
 public:
  explicit npz_encoder(const sensor_size& sensor) : sensor_(sensor) {}

  void begin(const put_bytes&) override {}

  /// An array after the other: nothing can be written before the last event is there.
  void add(std::span<const camera_event> events, const put_bytes&) override {
    all_.insert(all_.end(), events.begin(), events.end());
    if (all_.size() > most_bytes / 16) {
      throw value_error("write events", "number of events", std::to_string(all_.size()),
                        "at most " + std::to_string(most_bytes / 16) + " in an NPZ file");
    }
  }

  void finish(const put_bytes& put) override {
    add_array<8>("t", "<i8", put, [](const camera_event& e) { return static_cast<std::uint64_t>(e.t); });
    add_array<2>("x", small() ? "<i2" : "<u2", put, [](const camera_event& e) { return e.x; });
    add_array<2>("y", small() ? "<i2" : "<u2", put, [](const camera_event& e) { return e.y; });
    add_array<1>("p", "|b1", put, [](const camera_event& e) { return e.on ? 1U : 0U; });
    if (sensor_.known()) {
      byte_sink two;
      two.little<8>(sensor_.width);
      two.little<8>(sensor_.height);
      add_entry("sensor_size", npy_header("<i8", 2), two, put);
    }
    put_list(put);
  }

 private:
  /// The types of tonic hold every sensor that there is.
  bool small() const {
    return std::ranges::all_of(all_, [](const camera_event& e) { return e.x < 32768 && e.y < 32768; });
  }

  template <int Bytes, class Part>
  void add_array(const std::string& name, const std::string& type, const put_bytes& put, Part part) {
    byte_sink items;
    for (const auto& e : all_) {
      items.little<Bytes>(part(e));
    }
    add_entry(name, npy_header(type, all_.size()), items, put);
  }

  void add_entry(const std::string& name, const std::string& header, byte_sink& items, const put_bytes& put) {
    std::string content = header;
    items.put([&](std::string_view bytes) { content += bytes; });
    const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
    const listed entry{name + ".npy", static_cast<std::uint32_t>(crc32(0, bytes, static_cast<uInt>(content.size()))),
                       static_cast<std::uint32_t>(content.size()), static_cast<std::uint32_t>(position_)};
    byte_sink out;
    out.text(std::string_view("PK\x03\x04", 4));
    out.little<2>(20);  // version 2.0 reads it
    out.little<2>(0);
    put_sizes(out, entry);
    out.text(entry.name);
    position_ += out.size() + content.size();
    out.put(put);
    put(content);
    list_.push_back(entry);
  }

  void put_list(const put_bytes& put) {
    byte_sink out;
    for (const auto& entry : list_) {
      out.text(std::string_view("PK\x01\x02", 4));
      out.little<2>(20);
      out.little<2>(20);
      out.little<2>(0);
      put_sizes(out, entry);
      for (const int bytes : {2, 2, 2, 4}) {  // comment, disk, attributes
        bytes == 2 ? out.little<2>(0) : out.little<4>(0);
      }
      out.little<4>(entry.place);
      out.text(entry.name);
    }
    const auto size = out.size();
    out.text(std::string_view("PK\x05\x06", 4));
    out.little<4>(0);
    out.little<2>(list_.size());
    out.little<2>(list_.size());
    out.little<4>(size);
    out.little<4>(position_);
    out.little<2>(0);
    out.put(put);
  }

  sensor_size sensor_;
  std::vector<camera_event> all_;
  std::vector<listed> list_;
  std::uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<event_encoder> make_npz_encoder(const sensor_size& sensor) {
  return std::make_unique<npz_encoder>(sensor);
}

}  // namespace backspike
