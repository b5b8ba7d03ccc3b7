#pragma once
// The transposed convolution, which makes grids larger: source (y, x) reaches the targets y * stride + i * dilation -
// padding, x * stride + j * dilation - padding. Its weights are arranged as those of conv2d.

#include <backspike/connection/windows.hpp>

namespace backspike::connections {

struct conv_transpose2d : window_base<conv_transpose2d> {
  static constexpr std::string_view name = "conv_transpose2d";
  static constexpr std::string_view meaning = "a transposed convolution: each place spreads over a window of targets";
  static constexpr std::array fields{
      field{"height", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"},
      field{"width", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"},
      field{"channels", "", 0.0, 0.0, 16777216.0, "of the grid that it leads to; 0: as many as its neurons make"},
      field{"kernel", "neurons", 3.0, 1.0, 1024.0, "height of the kernel, and its width unless that is given"},
      field{"kernel_width", "neurons", 0.0, 0.0, 1024.0, "0: as kernel"},
      field{"stride", "neurons", 1.0, 1.0, 1024.0, "distance of neighbouring sources on the grid that it leads to"},
      field{"stride_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as stride"},
      field{"padding", "neurons", 0.0, 0.0, 1024.0, "rows and columns that are cut off around the grid of the targets"},
      field{"padding_width", "neurons", -1.0, -1.0, 1024.0, "those left and right; -1: as padding"},
      field{"dilation", "neurons", 1.0, 1.0, 1024.0, "distance of neighbours of the kernel on the grid"},
      field{"dilation_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as dilation"},
      field{"groups", "", 1.0, 1.0, 16777216.0, "parts of the channels, each a convolution of its own"},
      field{"output_padding", "neurons", 0.0, 0.0, 1024.0, "rows and columns more below and right, less than a stride"},
  };
  static constexpr window_traits traits() { return {.name = name, .fields = fields, .transposed = true}; }
};

}  // namespace backspike::connections
