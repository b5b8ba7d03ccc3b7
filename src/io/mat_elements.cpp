#include <backspike/core/error.hpp>

#include "io/mat_file.hpp"

#include <zlib.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace backspike {
namespace {

constexpr std::size_t header_bytes = 128, tag_bytes = 8;
constexpr std::uint32_t compressed_matrix = 15, matrix = 14;  // types of elements

class element_walk {
 public:
  explicit element_walk(const std::string& path) : path_(path) {
    if (std::filesystem::is_directory(path)) {
      throw file_error("read", path, "it is a folder");
    }
    errno = 0;
    file_.open(path, std::ios::binary | std::ios::ate);
    if (!file_) {
      throw file_error("read", path, std::strerror(errno));
    }
    size_ = static_cast<std::uint64_t>(file_.tellg());
    file_.seekg(0);
  }

  void run() {
    read_header();
    for (std::uint64_t at = header_bytes; at < size_;) {
      at = check_element(at);
    }
  }

 private:
  [[noreturn]] void fail(std::uint64_t at, const std::string& message) const {
    throw format_error(path_, "byte " + std::to_string(at), message);
  }

  void read_bytes(char* to, std::uint64_t at, std::size_t count) {
    if (size_ - at < count) {
      fail(size_, "the file ends there, it was truncated");
    }
    if (!file_.read(to, static_cast<std::streamsize>(count))) {
      throw file_error("read", path_, std::strerror(errno));
    }
  }

  void read_header() {
    std::array<char, header_bytes> header{};
    read_bytes(header.data(), 0, header.size());
    const std::string order(header.end() - 2, header.end());
    swapped_ = order == (std::endian::native == std::endian::little ? "MI" : "IM");
    std::uint16_t version = 0;
    std::memcpy(&version, &header[124], sizeof version);
    if ((order != "MI" && order != "IM") || (swapped_ ? __builtin_bswap16(version) : version) != 0x0100) {
      fail(124, "not a MATLAB file of version 5; accepted: what MATLAB's save -v6 or -v7 writes");
    }
  }

  std::uint32_t word(const char* bytes) const {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return swapped_ ? __builtin_bswap32(value) : value;
  }

  /// Returns where the next element begins.
  std::uint64_t check_element(std::uint64_t at) {
    std::array<char, tag_bytes> tag{};
    read_bytes(tag.data(), at, tag.size());
    const auto type = word(tag.data()), bytes = word(&tag[4]);
    const auto begin = at + tag_bytes;
    if (type != compressed_matrix && type != matrix) {
      fail(at, "an element of type " + std::to_string(type) + " instead of a variable");
    }
    if (size_ - begin < bytes) {
      fail(size_, "the file ends there, it was truncated: the variable at byte " + std::to_string(at) + " has " +
                      std::to_string(bytes) + " bytes");
    }
    if (type == compressed_matrix) {
      inflate_to_checksum(at, begin, bytes);
    } else {
      file_.seekg(static_cast<std::streamoff>(begin + bytes));
    }
    return begin + bytes;
  }

  void inflate_to_checksum(std::uint64_t element, std::uint64_t at, std::uint32_t bytes) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) {
      throw internal_error("mat file: zlib cannot be initialised");
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    std::array<char, 1 << 15> input{};
    int status = Z_OK;
    for (std::uint32_t left = bytes; left > 0 && status == Z_OK;) {
      const auto count = std::min<std::uint32_t>(left, input.size());
      read_bytes(input.data(), at, count);
      at += count;
      left -= count;
      status = inflate_some(stream, input.data(), count);
      if (status == Z_STREAM_END && (left > 0 || stream.avail_in > 0)) {
        status = Z_DATA_ERROR;
      }
    }
    if (status != Z_STREAM_END) {
      fail(element, std::string("a damaged variable: ") +
                        (stream.msg != nullptr ? stream.msg : "its compressed data do not end where they should"));
    }
  }

  static int inflate_some(z_stream& stream, char* input, std::uint32_t count) {
    std::array<char, 1 << 16> output{};
    stream.next_in = reinterpret_cast<Bytef*>(input);
    stream.avail_in = count;
    int status = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(output.data());
      stream.avail_out = output.size();
      status = inflate(&stream, Z_NO_FLUSH);
    } while (status == Z_OK && stream.avail_out == 0);
    return status == Z_BUF_ERROR ? Z_OK : status;  // needs more input, which is no error
  }

  const std::string& path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
  bool swapped_ = false;
};

}  // namespace

void check_mat_elements(const std::string& path) { element_walk(path).run(); }

}  // namespace backspike
