#pragma once
// A convolution along a line of neurons, [channels, length]: conv2d without the height.

#include <backspike/connection/windows.hpp>

namespace backspike::connections {

struct conv1d : window_base<conv1d> {
  static constexpr std::string_view name = "conv1d";
  static constexpr std::string_view meaning = "a convolution along a line of neurons, its weights shared by all places";
  static constexpr std::array fields{
      whole_field({"length", "neurons", 0.0, 0.0, 16777216.0, "of the line that it comes from; 0: that of its shape"}),
      whole_field(
          {"channels", "", 0.0, 0.0, 16777216.0, "of the line that it leads to; 0: as many as its neurons make"}),
      whole_field({"kernel", "neurons", 3.0, 1.0, 1024.0, "length of the kernel"}),
      whole_field(
          {"stride", "neurons", 1.0, 1.0, 1024.0, "distance of neighbouring targets on the line that it comes from"}),
      whole_field({"padding", "neurons", 0.0, 0.0, 1024.0, "places of silence on either side"}),
      whole_field({"dilation", "neurons", 1.0, 1.0, 1024.0, "distance of neighbours of the kernel on the line"}),
      whole_field({"groups", "", 1.0, 1.0, 16777216.0, "parts of the channels, each a convolution of its own"}),
  };
  static constexpr window_traits traits() { return {.name = name, .fields = fields, .line = true}; }
};

}  // namespace backspike::connections
