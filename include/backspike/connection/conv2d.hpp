#pragma once
// A convolution of a grid of neurons:
//
//   current[o, y, x] += sum over c, i, j of weight[(i * kernel_width + j) * channels + c, o]
//                       * sent[c, y * stride + i * dilation - padding, x * stride + j * dilation - padding]
//
// Rows of the weight parameter are (kernel_y, kernel_x, channel of the source's group), columns are channels of the
// target: a spike adds a patch of whole rows. Numbers of neurons: core/shape.hpp.

#include <backspike/connection/convolution_fields.hpp>
#include <backspike/connection/windows.hpp>

namespace backspike::connections {

struct conv2d : window_base<conv2d> {
  static constexpr std::string_view name = "conv2d";
  static constexpr std::string_view meaning = "a convolution of a grid of neurons, its weights shared by all places";
  static constexpr auto fields = convolution_fields("distance of neighbouring targets on the grid that it comes from",
                                                    "rows and columns of silence around the grid");
  static constexpr window_traits traits() { return {name, fields}; }
};

}  // namespace backspike::connections
