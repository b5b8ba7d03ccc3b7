// Draws blobs.

#include "events/simulate/blobs.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace backspike {

std::vector<float> draw_blobs(std::uint32_t width, std::uint32_t height, std::uint32_t count, random_stream random) {
  std::vector<float> picture(std::size_t{width} * height);
  const double side = std::min(width, height);
  for (std::uint32_t k = 0; k < count; ++k) {
    const double x = width * (0.25 + 0.5 * random.uniform()), y = height * (0.25 + 0.5 * random.uniform());
    const double radius = side * (0.05 + 0.075 * random.uniform()), bright = 0.5 + 0.5 * random.uniform();
    for (std::size_t at = 0; at < picture.size(); ++at) {
      const std::size_t column = at % width, row = at / width;
      const double distance = std::hypot(static_cast<double>(column) - x, static_cast<double>(row) - y);
      const double value = bright * std::clamp(radius + 0.5 - distance, 0.0, 1.0);  // an edge of one pixel
      picture[at] = std::max(picture[at], static_cast<float>(value));
    }
  }
  return picture;
}

}  // namespace backspike
