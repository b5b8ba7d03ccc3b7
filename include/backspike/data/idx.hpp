#pragma once
// The IDX files of MNIST and its successors: unsigned bytes, plain or compressed with gzip (told apart by their first
// bytes). Header, big-endian: 0 0 8 RANK, then RANK extents of 32 bits; then the bytes, the last extent fastest.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct idx_images {
  std::size_t count = 0, rows = 0, columns = 0;  // each at least 1
  std::vector<std::uint8_t> pixels;              // [count, rows, columns]

  std::span<const std::uint8_t> image(std::size_t i) const {
    return std::span(pixels).subspan(i * rows * columns, rows * columns);
  }
};

/// Throws file_error (not there, no permission), format_error (not IDX of rank 3, an extent of 0, truncated, bytes
/// after the end, damaged gzip); the error names the byte in the file, or in what it decompresses to.
idx_images read_idx_images(const std::string& path);

/// Labels below `classes` (0: any). Throws what read_idx_images throws for a file of rank 1, and value_error naming the
/// sample and the byte of a label that is out of range.
std::vector<std::int32_t> read_idx_labels(const std::string& path, std::size_t classes = 0);

}  // namespace backspike
