#pragma once
// The transposed convolution, which makes grids larger: source (y, x) reaches the targets y * stride + i * dilation -
// padding, x * stride + j * dilation - padding. Its weights are arranged as those of conv2d.

#include <backspike/connection/convolution_fields.hpp>
#include <backspike/connection/windows.hpp>

namespace backspike::connections {

struct conv_transpose2d : window_base<conv_transpose2d> {
  static constexpr std::string_view name = "conv_transpose2d";
  static constexpr std::string_view meaning = "a transposed convolution: each place spreads over a window of targets";
  static constexpr auto fields =
      and_field(convolution_fields("distance of neighbouring sources on the grid that it leads to",
                                   "rows and columns that are cut off around the grid of the targets"),
                whole_field({"output_padding", "neurons", 0.0, 0.0, 1024.0,
                             "rows and columns more below and right, less than a stride"}));
  static constexpr window_traits traits() { return {.name = name, .fields = fields, .transposed = true}; }
};

}  // namespace backspike::connections
