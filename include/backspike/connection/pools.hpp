#pragma once
// Pools: each neuron gets the sum, or the mean, of what a window of its own channel sends. Their one weight is 1 and is
// not learned. Into neurons that forget at once and fire where anything arrives, a sum of spikes is their maximum
// (docs/experiment-file.md).

#include <backspike/connection/windows.hpp>

namespace backspike::connections {

inline constexpr std::array pool_fields{
    whole_field({"height", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"}),
    whole_field({"width", "neurons", 0.0, 0.0, 65536.0, "of the grid that it comes from; 0: that of its shape"}),
    whole_field({"kernel", "neurons", 2.0, 1.0, 1024.0, "height of the window, and its width unless that is given"}),
    whole_field({"kernel_width", "neurons", 0.0, 0.0, 1024.0, "0: as kernel"}),
    whole_field({"stride", "neurons", 0.0, 0.0, 1024.0, "distance of neighbouring windows; 0: as kernel"}),
    whole_field(
        {"stride_width", "neurons", 0.0, 0.0, 1024.0, "that along the width; 0: as stride, or as the kernel's width"}),
    whole_field({"padding", "neurons", 0.0, 0.0, 1024.0, "rows and columns of silence around the grid"}),
    whole_field({"padding_width", "neurons", -1.0, -1.0, 1024.0, "those left and right; -1: as padding"}),
};

template <class Kind>
struct pool_base : window_base<Kind> {
  static constexpr bool fixed = true;
  static constexpr const auto& fields = pool_fields;
};

struct sum_pool : pool_base<sum_pool> {
  static constexpr std::string_view name = "sum_pool";
  static constexpr std::string_view meaning = "each neuron gets the sum of a window of its own channel";
  static constexpr window_traits traits() { return {.name = name, .fields = pool_fields, .pools = true}; }
};

struct average_pool : pool_base<average_pool> {
  static constexpr std::string_view name = "average_pool";
  static constexpr std::string_view meaning = "each neuron gets the mean of a window of its own channel";
  static constexpr window_traits traits() {
    return {.name = name, .fields = pool_fields, .pools = true, .averages = true};
  }
};

/// The sum of a window into neurons that forget at once and fire for the first spike: one if any. src/network/pools
/// makes them.
struct max_pool : pool_base<max_pool> {
  static constexpr std::string_view name = "max_pool";
  static constexpr std::string_view meaning = "each neuron fires where any of a window of its own channel does";
  static constexpr bool sets_neurons = true;
  static constexpr window_traits traits() { return {.name = name, .fields = pool_fields, .pools = true}; }
};

}  // namespace backspike::connections
