#pragma once
// AEDAT 4 files by hand, byte by byte, for tests: FlatBuffers without their library, packed by the libraries of LZ4 and
// Zstandard.

#include "events/event_bytes.hpp"

#include <lz4frame.h>
#include <zstd.h>

#include <string>
#include <vector>

namespace backspike {

inline std::string with_size(const std::string& buffer) { return little(buffer.size(), 4) + buffer; }

/// One table with a list of structures of 16 bytes.
inline std::string aedat4_events(const std::vector<camera_event>& events, const std::string& identifier = "EVTS") {
  std::string list;
  for (const auto& e : events) {
    list += little(static_cast<std::uint64_t>(e.t), 8) + little(e.x, 2) + little(e.y, 2) + little(e.on ? 1 : 0, 4);
  }
  // The root is the table at 16; its list of fields at 8: 6 bytes long, a table of 8 bytes, the list's offset at 4.
  return with_size(little(16, 4) + identifier + little(6, 2) + little(8, 2) + little(4, 2) + little(0, 2) +
                   little(8, 4) + little(4, 4) + little(events.size(), 4) + list);
}

/// compression: 0 none, 1 LZ4, 3 Zstandard; table: where the table of packets begins, or -1.
inline std::string aedat4_header(const std::string& description, int compression, std::int64_t table = -1) {
  // Fields at 8: 10 bytes, a table of 24 bytes; compression at 4, the table's place at 16, the text's offset at 8.
  return "#!AER-DAT4.0\r\n" +
         with_size(little(20, 4) + "IOHE" + little(10, 2) + little(24, 2) + little(4, 2) + little(16, 2) +
                   little(8, 2) + little(0, 2) + little(12, 4) + little(static_cast<unsigned>(compression), 4) +
                   little(16, 4) + little(0, 4) + little(static_cast<std::uint64_t>(table), 8) +
                   little(description.size(), 4) + description + std::string(1, '\0'));
}

inline std::string aedat4_stream_text(int number, const std::string& type, const std::string& size = "") {
  return "<node name=\"" + std::to_string(number) + "\" path=\"/outInfo/" + std::to_string(number) +
         "/\"><attr key=\"typeIdentifier\" type=\"string\">" + type + "</attr><node name=\"info\">" + size +
         "<attr key=\"source\" type=\"string\">DVXplorer_1</attr></node></node>";
}

inline std::string aedat4_description(const std::string& streams) {
  return "<dv version=\"2.0\"><node name=\"outInfo\" path=\"/outInfo/\">" + streams + "</node></dv>";
}

/// Stream 0 of events on 346x260, stream 1 of frames.
inline std::string usual_description() {
  return aedat4_description(aedat4_stream_text(0, "EVTS",
                                               "<attr key=\"sizeX\" type=\"int\">346</attr>"
                                               "<attr key=\"sizeY\" type=\"int\">260</attr>") +
                            aedat4_stream_text(1, "FRME"));
}

inline std::string packed_as(const std::string& bytes, int compression) {
  if (compression == 0) {
    return bytes;
  }
  std::string packed(
      compression < 3 ? LZ4F_compressFrameBound(bytes.size(), nullptr) : ZSTD_compressBound(bytes.size()), '\0');
  const auto size = compression < 3
                        ? LZ4F_compressFrame(packed.data(), packed.size(), bytes.data(), bytes.size(), nullptr)
                        : ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3);
  return packed.substr(0, size);
}

inline std::string aedat4_packet(int stream, const std::string& packed) {
  return little(static_cast<unsigned>(stream), 4) + little(packed.size(), 4) + packed;
}

}  // namespace backspike
