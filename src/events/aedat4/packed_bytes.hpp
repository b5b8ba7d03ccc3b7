#pragma once
// One frame of LZ4 or Zstandard into memory that is bounded, whatever the frame claims.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

enum class packing { none, lz4, zstd };

/// Memory that is used again and again.
class unpacked_bytes {
 public:
  /// Empty, or what is wrong: not a frame, cut off, more than `most` bytes, something behind it.
  std::string unpack(std::span<const std::uint8_t> packed, packing how, std::size_t most);
  std::span<const std::uint8_t> bytes() const { return std::span(memory_).first(size_); }

 private:
  std::string unpack_lz4(std::span<const std::uint8_t> packed, std::size_t most);
  std::string unpack_zstd(std::span<const std::uint8_t> packed, std::size_t most);
  /// Makes room for more; false: there may be no more.
  bool grow(std::size_t most);

  std::vector<std::uint8_t> memory_;
  std::size_t size_ = 0;
};

}  // namespace backspike
