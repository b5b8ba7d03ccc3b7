// Reads IDX files, plain or compressed, with every length checked against the bytes that are there.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/idx.hpp>

#include "io/wall/read_limits.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string_view>

namespace backspike {
namespace {

constexpr std::uint64_t deflate_limit = 1040;  // deflate makes data at most 1032 times smaller

std::string place(std::uint64_t byte, bool compressed) {
  return "byte " + std::to_string(byte) + (compressed ? " after decompression" : "");
}

bool is_gzip(std::string_view content) { return content.size() >= 2 && content[0] == '\x1f' && content[1] == '\x8b'; }

/// Bytes of a file one after another, decompressed where they are compressed.
class byte_source {
 public:
  explicit byte_source(const std::string& path) : path_(path), content_(read_text_file(path)) {
    compressed_ = is_gzip(content_);
    stream_.next_in = reinterpret_cast<Bytef*>(content_.data());
    if (compressed_ && inflateInit2(&stream_, 15 + 16) != Z_OK) {  // 16: with the header of gzip
      throw internal_error("zlib cannot be initialised");
    }
  }
  ~byte_source() {
    if (compressed_) {
      inflateEnd(&stream_);
    }
  }
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;

  const std::string& path() const { return path_; }
  bool compressed() const { return compressed_; }
  std::uint64_t file_bytes() const { return content_.size(); }
  /// More bytes than this cannot come.
  std::uint64_t most() const { return content_.size() * (compressed_ ? deflate_limit : 1); }

  /// Fills `to` as far as the source goes; returns how many bytes that were.
  std::size_t read(std::span<std::uint8_t> to) { return compressed_ ? inflate_to(to) : copy_to(to); }

  /// Throws unless everything was read and nothing follows.
  void require_end() {
    std::uint8_t beyond = 0;
    if (read({&beyond, 1}) != 0) {
      throw format_error(path_, place(position_ - 1, compressed_), "more bytes than the header announces");
    }
    if (consumed() != content_.size()) {
      throw format_error(path_, place(consumed(), false), "bytes after the end of the compressed data");
    }
  }

  [[noreturn]] void truncated(std::uint64_t expected) const {
    throw format_error(path_, place(position_, compressed_),
                       "truncated: it ends here, the header announces " + std::to_string(expected) + " bytes");
  }

 private:
  std::size_t consumed() const {
    return static_cast<std::size_t>(reinterpret_cast<const char*>(stream_.next_in) - content_.data());
  }

  /// A gzip file is one compressed member or several one after another; archivers fill up with zeros behind one.
  bool next_member() {
    const std::size_t here = consumed(), next = std::min(content_.find_first_not_of('\0', here), content_.size());
    stream_.next_in += next - here;
    return is_gzip(std::string_view(content_).substr(next)) && inflateReset(&stream_) == Z_OK;
  }

  std::size_t copy_to(std::span<std::uint8_t> to) {
    const std::size_t count = std::min(to.size(), content_.size() - consumed());
    std::copy_n(stream_.next_in, count, to.begin());
    stream_.next_in += count;
    position_ += count;
    return count;
  }

  std::size_t inflate_to(std::span<std::uint8_t> to) {
    constexpr std::size_t piece = std::numeric_limits<uInt>::max();  // zlib counts in 32 bits
    std::size_t filled = 0;
    while (filled < to.size() && !ended_) {
      stream_.next_out = to.data() + filled;
      stream_.avail_out = static_cast<uInt>(std::min(piece, to.size() - filled));
      stream_.avail_in = static_cast<uInt>(std::min(piece, content_.size() - consumed()));
      const int status = inflate(&stream_, Z_NO_FLUSH);
      const auto now = static_cast<std::size_t>(stream_.next_out - to.data());
      position_ += now - filled;
      filled = now;
      ended_ = status == Z_STREAM_END && !next_member();
      if (status == Z_BUF_ERROR || (status == Z_OK && filled < to.size() && consumed() == content_.size())) {
        throw format_error(path_, place(content_.size(), false), "truncated: the compressed data go on");
      }
      if (status != Z_OK && status != Z_STREAM_END) {
        throw format_error(path_, place(consumed(), false),
                           std::string("damaged gzip: ") + (stream_.msg != nullptr ? stream_.msg : "unexpected data"));
      }
    }
    return filled;
  }

  std::string path_, content_;
  z_stream stream_{};
  bool compressed_ = false, ended_ = false;
  std::uint64_t position_ = 0;  // bytes given out
};

std::uint32_t big_endian(const std::uint8_t* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) | bytes[3];
}

std::uint32_t read_word(byte_source& from, std::uint64_t header) {
  std::array<std::uint8_t, 4> bytes{};
  if (from.read(bytes) != bytes.size()) {
    from.truncated(header);
  }
  return big_endian(bytes.data());
}

std::string text_of_magic(std::uint32_t value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) {
    text += digits[(value >> shift) & 15];
  }
  return text;
}

std::vector<std::size_t> read_header(byte_source& from, std::uint32_t rank) {
  const std::uint64_t header = 4 + 4 * rank;
  const std::uint32_t expected = 0x0800 + rank, magic = read_word(from, header);
  if (magic != expected) {
    throw format_error(from.path(), place(0, from.compressed()),
                       "starts with " + text_of_magic(magic) + ", IDX bytes of rank " + std::to_string(rank) +
                           " with " + text_of_magic(expected));
  }
  std::vector<std::size_t> extents;
  for (std::uint32_t d = 0; d < rank; ++d) {
    extents.push_back(read_word(from, header));
    if (extents.back() == 0) {
      throw format_error(from.path(), place(4 + 4 * d, from.compressed()), "an extent of 0");
    }
  }
  return extents;
}

/// The product of the extents, or one more than the source can hold if that is less: an absurd header allocates
/// nothing.
std::uint64_t announced(const std::vector<std::size_t>& extents, std::uint64_t most) {
  std::uint64_t product = 1;
  for (const std::size_t extent : extents) {
    product = product > most / extent ? most + 1 : product * extent;
  }
  return product;
}

std::vector<std::uint8_t> read_bytes(byte_source& from, const std::vector<std::size_t>& extents) {
  const std::uint64_t count = announced(extents, from.most());
  if (count > from.most()) {
    throw format_error(from.path(), place(4, from.compressed()), "the extents announce more than the file can hold");
  }
  require_memory(limits_for(from.file_bytes()), "read " + from.path(), static_cast<double>(count));
  std::vector<std::uint8_t> bytes(count);
  if (from.read(bytes) != bytes.size()) {
    from.truncated(4 + 4 * extents.size() + count);
  }
  from.require_end();
  return bytes;
}

}  // namespace

idx_images read_idx_images(const std::string& path) {
  byte_source from(path);
  const auto extents = read_header(from, 3);
  return {extents[0], extents[1], extents[2], read_bytes(from, extents)};
}

std::vector<std::int32_t> read_idx_labels(const std::string& path, std::size_t classes) {
  byte_source from(path);
  const auto bytes = read_bytes(from, read_header(from, 1));
  for (std::size_t s = 0; s < bytes.size(); ++s) {
    if (classes > 0 && bytes[s] >= classes) {
      throw value_error(path, "label of sample " + std::to_string(s) + " (" + place(8 + s, from.compressed()) + ")",
                        std::to_string(bytes[s]), "0 to " + std::to_string(classes - 1));
    }
  }
  return {bytes.begin(), bytes.end()};
}

}  // namespace backspike
