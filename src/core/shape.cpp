// The number of elements of a shape, and its text in messages.

#include <backspike/core/shape.hpp>

namespace backspike {

std::size_t shape::size() const {
  std::size_t n = 1;
  for (const std::size_t extent : extents) {
    n *= extent;
  }
  return n;
}

std::string shape::text() const {
  std::string text = "[";
  for (const std::size_t extent : extents) {
    text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  }
  return text + "]";
}

}  // namespace backspike
