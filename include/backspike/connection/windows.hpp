#pragma once
// What convolutions and pools have in common: a window that moves over a grid of places. patches.hpp has the result.

#include <backspike/connection/kind_base.hpp>

namespace backspike::connections {

/// What is different between them.
struct window_traits {
  std::string_view name;
  std::span<const field> fields;
  bool line = false;        // one axis, [channels, length]
  bool transposed = false;  // a source spreads over a window, instead of a target seeing one
  bool pools = false;       // each channel by itself, with one fixed weight
  bool averages = false;    // which is one over the places of a window
};

std::optional<synapse_problem> window_problem(const window_traits& t, const synapse_request& r);
grid_shape window_target(const window_traits& t, const synapse_request& r);
void plan_windows(const window_traits& t, const synapse_request& r, synapse_plan& p);

/// Kind::traits() says which one it is.
template <class Kind>
struct window_base : kind_base {
  static constexpr bool shares_weights = true;
  static constexpr bool finds_targets = true;
  static constexpr bool has_patches = true;

  static std::optional<synapse_problem> problem(const synapse_request& r) { return window_problem(Kind::traits(), r); }
  static grid_shape target_shape(const synapse_request& r) { return window_target(Kind::traits(), r); }
  static void plan(const synapse_request& r, synapse_plan& p) { plan_windows(Kind::traits(), r, p); }

  static weight_extents weights(const synapse_plan& p) {
    const patch_plan& w = p.patches;
    return w.pools ? weight_extents{1, 1}
                   : weight_extents{std::size_t{w.y.kernel} * w.x.kernel * w.channels_in / w.groups, w.channels_out};
  }

  template <class F>
  static void each_synapse(std::uint32_t source, const synapse_plan& p, const F& f) {
    const bool pools = p.patches.pools;
    each_patch_run(source, p.patches, [&](const synapse_run& run) {
      for (std::uint32_t k = 0; k < run.length; ++k) {
        f(synapse{run.target + k, pools ? 0 : run.row, pools ? 0 : run.column + k, p.patches.factor});
      }
    });
  }
};

}  // namespace backspike::connections
