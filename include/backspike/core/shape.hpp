#pragma once
// Shapes: of arrays of numbers, and of what neurons or input channels are arranged in.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

struct shape {
  std::vector<std::size_t> extents;

  std::size_t size() const;  // product of the extents
  std::string text() const;  // "[784, 256]"
  bool operator==(const shape&) const = default;
};

/// Of a population or of input channels: [channels, height, width], [channels, length] or [channels]; empty: they have
/// a number only. The channels of a place are neighbours: neuron (channel, y, x) has number (y * width + x) * channels
/// + channel, everywhere in the library. What has another order is converted where it comes in.
using grid_shape = std::vector<std::uint32_t>;

/// Product of the extents, or the largest number if it is larger than that; 0: no shape.
std::uint64_t neurons_of(std::span<const std::uint32_t> s);
std::string text_of(std::span<const std::uint32_t> s);  // "[16, 28, 28]"

}  // namespace backspike
