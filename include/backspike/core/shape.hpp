#pragma once
// A layer has a shape, not only a size: [channels] today, [channels, height, width] for convolutions.

#include <cstddef>
#include <string>
#include <vector>

namespace backspike {

struct shape {
  std::vector<std::size_t> extents;

  std::size_t size() const;  // product of the extents
  std::string text() const;  // "[784, 256]"
  bool operator==(const shape&) const = default;
};

}  // namespace backspike
