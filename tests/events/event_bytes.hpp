#pragma once
// Files of events by hand, for tests: numbers as bytes, and small recordings of every format whose events are known.

#include <backspike/events/event_reader.hpp>

#include <zlib.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace backspike {

inline std::string little(std::uint64_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) {
    text += static_cast<char>(value >> (8 * k) & 255U);
  }
  return text;
}

inline std::string big(std::uint64_t value, int bytes) {
  const auto text = little(value, bytes);
  return {text.rbegin(), text.rend()};
}

inline std::span<const std::uint8_t> bytes_in(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline event_recording read_bytes(const std::string& bytes, const std::string& name, const event_read_options& o = {}) {
  return read_events(bytes_in(bytes), name, o);
}

inline std::vector<camera_event> list_of(const event_recording& r) { return {r.events.begin(), r.events.end()}; }

/// x, y, polarity and 23 bits of time.
inline std::string bin_event(unsigned x, unsigned y, unsigned on, std::uint32_t t) {
  return big(x, 1) + big(y, 1) + big(on << 23U | t, 3);
}

inline std::string words16(const std::vector<unsigned>& words) {
  std::string text;
  for (const unsigned w : words) {
    text += little(w, 2);
  }
  return text;
}

inline std::string evt3_header() { return "% evt 3.0\n% geometry 640x480\n% end\n"; }
inline std::string evt2_header() { return "% evt 2.0\n% geometry 640x480\n% end\n"; }
inline std::string evt21_header() { return "% format EVT21;height=480;width=640\n% end\n"; }

inline std::string evt2_event(unsigned x, unsigned y, unsigned on, unsigned low) {
  return little(on << 28U | low << 22U | x << 11U | y, 4);
}
inline std::string evt2_high(std::uint32_t high) { return little(8U << 28U | high, 4); }

inline std::string dat_header() { return std::string("% Version 2\n% Height 480\n% Width 640\n\0\x08", 39); }
inline std::string dat_event(unsigned x, unsigned y, unsigned on, std::uint32_t t) {
  return little(t, 4) + little(x | y << 14U | on << 28U, 4);
}

inline std::string aedat3_header() { return "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"; }
inline std::string aedat3_packet(unsigned type, unsigned size, std::uint32_t overflow, std::uint32_t number,
                                 std::uint32_t valid, const std::string& events) {
  return little(type, 2) + little(1, 2) + little(size, 4) + little(4, 4) + little(overflow, 4) + little(number, 4) +
         little(number, 4) + little(valid, 4) + events;
}
inline std::string aedat3_event(unsigned x, unsigned y, unsigned on, std::uint32_t t, unsigned valid = 1) {
  return little(valid | on << 1U | y << 2U | x << 17U, 4) + little(t, 4);
}

inline std::string aedat2_header() { return "#!AER-DAT2.0\r\n# made by hand\r\n"; }

inline std::string es_header() { return std::string("Event Stream\2\0\0\1", 16) + little(304, 2) + little(240, 2); }

inline std::string npy_file(const std::string& descr, const std::string& shape, const std::string& items) {
  std::string header = "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize((10 + header.size() + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  return std::string("\x93NUMPY\1\0", 8) + little(header.size(), 2) + header + items;
}

/// A ZIP archive of stored files; `checksums` false: all 0, which damages them.
inline std::string zip_file(const std::vector<std::pair<std::string, std::string>>& files, bool checksums = true) {
  std::string all, list;
  for (const auto& [name, content] : files) {
    const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
    const auto sum = checksums ? crc32(0, bytes, static_cast<uInt>(content.size())) : 0;
    const auto common = little(0, 2) + little(0, 4) + little(sum, 4) + little(content.size(), 4) +
                        little(content.size(), 4) + little(name.size(), 2) + little(0, 2);
    list += std::string("PK\1\2", 4) + little(20, 2) + little(20, 2) + little(0, 2) + common + std::string(10, 0) +
            little(all.size(), 4) + name;
    all += std::string("PK\3\4", 4) + little(20, 2) + little(0, 2) + common + name + content;
  }
  return all + list + std::string("PK\5\6", 4) + little(0, 4) + little(files.size(), 2) + little(files.size(), 2) +
         little(list.size(), 4) + little(all.size(), 4) + little(0, 2);
}

}  // namespace backspike
