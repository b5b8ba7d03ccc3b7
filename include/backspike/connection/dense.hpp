#pragma once
// All to all: every source neuron reaches every target neuron by a weight of its own.

#include <backspike/connection/kind_base.hpp>

namespace backspike::connections {

struct dense : kind_base {
  static constexpr std::string_view name = "dense";
  static constexpr std::string_view meaning = "every source neuron reaches every target neuron";
  static constexpr bool matrix = true;

  static weight_extents weights(const synapse_plan& p) { return {p.sources, p.targets}; }

  template <class F>
  static void each_synapse(std::uint32_t source, const synapse_plan& p, const F& f) {
    for (std::uint32_t target = 0; target < p.targets; ++target) {
      f(synapse{target, source, target});
    }
  }
};

}  // namespace backspike::connections
