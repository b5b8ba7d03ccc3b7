#pragma once
// Small pictures in shades of grey: what a raster of spikes can draw.

#include <cstddef>
#include <string>
#include <vector>

namespace backspike {

struct picture {
  std::size_t width = 0, height = 0;
  std::vector<float> darkness;  // [height][width], from the top; 0: white, 1: black

  float at(std::size_t row, std::size_t column) const { return darkness[row * width + column]; }
};

/// Black on white, one line, in capitals of 5 x 7 dots with a margin of one dot. Letters of the English alphabet,
/// digits and spaces. Throws value_error naming the first other character, or that there is nothing but spaces.
picture draw_text(const std::string& text);

/// A portable bitmap, greymap or pixmap (netpbm: P1 to P6, one picture in the file); colours become their luma
/// (ITU-R BT.601). Throws file_error (it cannot be read) and format_error with the byte: another format, a size of 0 or
/// beyond what the file holds, a largest value that is not 1 to 65535, a number that is none or too large, truncated,
/// something behind the picture.
picture read_picture(const std::string& path);

}  // namespace backspike
