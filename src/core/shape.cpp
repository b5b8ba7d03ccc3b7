// The number of elements of a shape, and its text in messages.

#include <backspike/core/shape.hpp>

#include <limits>

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

std::uint64_t neurons_of(std::span<const std::uint32_t> s) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t product = s.empty() ? 0 : 1;
  for (const std::uint32_t extent : s) {
    product = extent != 0 && product > most / extent ? most : product * extent;
  }
  return product;
}

std::string text_of(std::span<const std::uint32_t> s) { return shape{{s.begin(), s.end()}}.text(); }

}  // namespace backspike
