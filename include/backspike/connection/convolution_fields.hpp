#pragma once
// The settings that convolutions of a grid share, transposed or not.

#include <backspike/core/field.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace backspike::connections {

/// What a stride and a padding mean differs.
constexpr std::array<field, 12> convolution_fields(std::string_view stride, std::string_view padding) {
  return {
      whole_field({"height", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"}),
      whole_field({"width", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"}),
      whole_field(
          {"channels", "", 0.0, 0.0, 16777216.0, "of the grid that it leads to; 0: as many as its neurons make"}),
      whole_field({"kernel", "neurons", 3.0, 1.0, 1024.0, "height of the kernel, and its width unless that is given"}),
      whole_field({"kernel_width", "neurons", 0.0, 0.0, 1024.0, "0: as kernel"}),
      whole_field({"stride", "neurons", 1.0, 1.0, 1024.0, stride}),
      whole_field({"stride_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as stride"}),
      whole_field({"padding", "neurons", 0.0, 0.0, 1024.0, padding}),
      whole_field({"padding_width", "neurons", -1.0, -1.0, 1024.0, "those left and right; -1: as padding"}),
      whole_field({"dilation", "neurons", 1.0, 1.0, 1024.0, "distance of neighbours of the kernel on the grid"}),
      whole_field({"dilation_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as dilation"}),
      whole_field({"groups", "", 1.0, 1.0, 16777216.0, "parts of the channels, each a convolution of its own"})};
}

/// With one more behind them.
template <std::size_t N>
constexpr std::array<field, N + 1> and_field(const std::array<field, N>& fields, const field& last) {
  std::array<field, N + 1> all{};
  std::copy(fields.begin(), fields.end(), all.begin());
  all.back() = last;
  return all;
}

}  // namespace backspike::connections
