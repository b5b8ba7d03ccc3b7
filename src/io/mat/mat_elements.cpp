// Walks through a MATLAB file before matio reads it, since matio believes what headers say.

#include <backspike/core/error.hpp>
#include <backspike/core/input_file.hpp>

#include "io/mat/mat_file.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace backspike {
namespace {

constexpr std::size_t header_bytes = 128, tag_bytes = 8;
constexpr std::uint32_t compressed_matrix = 15, matrix = 14;  // types of elements
constexpr std::uint32_t flag_type = 6, integer_type = 5;      // of their parts
constexpr std::uint32_t first_number = 6, last_number = 15;   // classes: double to 64-bit integers

constexpr std::size_t head_bytes = std::size_t{1} << 16;  // of a variable, to look into

class element_walk {
 public:
  explicit element_walk(const std::string& path) : path_(path), file_(path), size_(file_.size()) {}

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
    if (size_ - at < count || file_.read(to, count) != count) {
      fail(size_, "the file ends there, it was truncated");
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
      inner_element(at);
    } else {
      head_.resize(std::min<std::size_t>(bytes, head_bytes));
      read_bytes(head_.data(), begin, head_.size());
      total_ = bytes;
      check_matrix(at, 0);
      file_.seek(begin + bytes);
    }
    return begin + bytes;
  }

  /// What was compressed begins with the tag of a variable.
  void inner_element(std::uint64_t element) {
    if (head_.size() < tag_bytes || word(head_.data()) != matrix || word(&head_[4]) > total_ - tag_bytes) {
      fail(element, "what is compressed there is not a whole variable");
    }
    check_matrix(element, tag_bytes);
  }

  struct part {
    std::uint32_t type = 0;
    std::uint64_t begin = 0, bytes = 0, next = 0;  // places in the variable
  };

  /// A part of a variable: type and size, in 8 bytes or, with up to 4 bytes of content, in the first 4 of 8.
  part part_at(std::uint64_t element, std::uint64_t at) const {
    if (at + tag_bytes > head_.size()) {
      fail(element, "a damaged variable: its header does not end");
    }
    const std::uint32_t first = word(&head_[at]), small = first >> 16;
    part p{first & 0xFFFF, at + tag_bytes, word(&head_[at + 4]), 0};
    if (small != 0) {
      p.begin = at + 4;
      p.bytes = small;
    }
    p.next = small != 0 ? at + tag_bytes : p.begin + (p.bytes + 7) / 8 * 8;
    if (p.begin + p.bytes > total_ || (small != 0 && small > 4)) {
      fail(element, "a damaged variable: a part of it is larger than the whole");
    }
    return p;
  }

  /// Flags, dimensions and name of a variable, and of numbers that there are as many as the dimensions say.
  void check_matrix(std::uint64_t element, std::uint64_t at) const {
    const part flags = part_at(element, at), dimensions = part_at(element, flags.next);
    if (flags.type != flag_type || flags.bytes != 8 || dimensions.type != integer_type || dimensions.bytes % 4 != 0 ||
        dimensions.begin + dimensions.bytes > head_.size()) {
      fail(element, "a damaged variable: its header has no flags or no dimensions");
    }
    const part name = part_at(element, dimensions.next);
    const std::uint32_t kind = word(&head_[flags.begin]) & 0xFF;
    if (kind < first_number || kind > last_number) {
      return;  // text, cells, structures: nobody reads them
    }
    double elements = 1;
    for (std::uint64_t k = 0; k < dimensions.bytes; k += 4) {
      elements *= word(&head_[dimensions.begin + k]);
    }
    const part numbers = part_at(element, name.next);
    if (elements > static_cast<double>(numbers.bytes)) {
      fail(element, "a damaged variable: it claims more elements than it holds");
    }
  }

  /// Leaves the first bytes in head_ and how many there are in total_.
  void inflate_to_checksum(std::uint64_t element, std::uint64_t at, std::uint32_t bytes) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK) {
      throw internal_error("mat file: zlib cannot be initialised");
    }
    const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
    std::array<char, 1 << 15> input{};
    int status = Z_OK;
    head_.clear();
    total_ = 0;
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

  int inflate_some(z_stream& stream, char* input, std::uint32_t count) {
    std::array<char, 1 << 16> output{};
    stream.next_in = reinterpret_cast<Bytef*>(input);
    stream.avail_in = count;
    int status = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(output.data());
      stream.avail_out = output.size();
      status = inflate(&stream, Z_NO_FLUSH);
      const std::size_t got = output.size() - stream.avail_out;
      total_ += got;
      head_.insert(head_.end(), output.begin(),
                   output.begin() + static_cast<std::ptrdiff_t>(std::min(got, head_bytes - head_.size())));
    } while (status == Z_OK && stream.avail_out == 0);
    return status == Z_BUF_ERROR ? Z_OK : status;  // needs more input, which is no error
  }

  const std::string& path_;
  input_file file_;
  std::uint64_t size_ = 0;
  bool swapped_ = false;
  std::vector<char> head_;   // of the variable that is looked at
  std::uint64_t total_ = 0;  // bytes of it
};

}  // namespace

void check_mat_elements(const std::string& path) { element_walk(path).run(); }

}  // namespace backspike
