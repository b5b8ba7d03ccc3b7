// Writes and checks the seal: one line with length and checksum at the start of our HDF5 files.

#include "io/hdf5/hdf5_seal.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace backspike {
namespace {

constexpr std::string_view first_words = "backspike: after these 512 bytes ";

std::string seal_for(const std::string& content) {
  const auto* rest = reinterpret_cast<const Bytef*>(content.data()) + seal_bytes;
  const std::size_t length = content.size() - seal_bytes;
  std::string text = std::string(first_words) + std::to_string(length) + " bytes follow, their CRC-32 is " +
                     std::to_string(crc32_z(0, rest, length)) + "\n";
  text.resize(seal_bytes, '\0');
  return text;
}

/// Throws file_error where the start cannot be read: an error of the disk must not pass for a file without a seal. A
/// file that is shorter has none.
bool is_sealed(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string start(first_words.size(), '\0');
  if (!in || (!in.read(start.data(), static_cast<std::streamsize>(start.size())) && in.bad())) {
    throw file_error("read", path, errno != 0 ? std::strerror(errno) : "an error of the system");
  }
  return start == first_words;
}

}  // namespace

void seal(std::string& content) { content.replace(0, seal_bytes, seal_for(content)); }

void check_seal(const std::string& path) {
  if (!is_sealed(path)) {
    return;
  }
  const std::string content = read_text_file(path);
  if (content.size() < seal_bytes || content.compare(0, seal_bytes, seal_for(content)) != 0) {
    throw format_error(path, "byte 0", "the content does not match its checksum: truncated, damaged or changed");
  }
}

}  // namespace backspike
