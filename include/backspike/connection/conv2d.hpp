#pragma once
// A convolution of a grid of neurons:
//
//   current[o, y, x] += sum over c, i, j of weight[(i * kernel_width + j) * channels + c, o]
//                       * sent[c, y * stride + i * dilation - padding, x * stride + j * dilation - padding]
//
// Rows of the weight parameter are (kernel_y, kernel_x, channel of the source's group), columns are channels of the
// target: a spike adds a patch of whole rows. Numbers of neurons: core/shape.hpp.

#include <backspike/connection/windows.hpp>

namespace backspike::connections {

struct conv2d : window_base<conv2d> {
  static constexpr std::string_view name = "conv2d";
  static constexpr std::string_view meaning = "a convolution of a grid of neurons, its weights shared by all places";
  static constexpr std::array fields{
      field{"height", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"},
      field{"width", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"},
      field{"channels", "", 0.0, 0.0, 16777216.0, "of the grid that it leads to; 0: as many as its neurons make"},
      field{"kernel", "neurons", 3.0, 1.0, 1024.0, "height of the kernel, and its width unless that is given"},
      field{"kernel_width", "neurons", 0.0, 0.0, 1024.0, "0: as kernel"},
      field{"stride", "neurons", 1.0, 1.0, 1024.0, "distance of neighbouring targets on the grid that it comes from"},
      field{"stride_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as stride"},
      field{"padding", "neurons", 0.0, 0.0, 1024.0, "rows and columns of silence around the grid"},
      field{"padding_width", "neurons", -1.0, -1.0, 1024.0, "those left and right; -1: as padding"},
      field{"dilation", "neurons", 1.0, 1.0, 1024.0, "distance of neighbours of the kernel on the grid"},
      field{"dilation_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as dilation"},
      field{"groups", "", 1.0, 1.0, 16777216.0, "parts of the channels, each a convolution of its own"},
  };
  static constexpr window_traits traits() { return {name, fields}; }
};

}  // namespace backspike::connections
