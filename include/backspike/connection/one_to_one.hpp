#pragma once
// Each neuron to the one of the same number, by a weight of its own: between populations of one size.

#include <backspike/connection/kind_base.hpp>

namespace backspike::connections {

struct one_to_one : kind_base {
  static constexpr std::string_view name = "one_to_one";
  static constexpr std::string_view meaning = "each neuron reaches the one of the same number";

  static constexpr bool finds_targets = true;

  static std::optional<synapse_problem> problem(const synapse_request& r) {
    if (r.sources == r.targets || r.targets == 0) {
      return std::nullopt;
    }
    return synapse_problem{"kind", "one_to_one from " + std::to_string(r.sources) + " to " + std::to_string(r.targets),
                           "two populations of one size, or another kind"};
  }

  static grid_shape target_shape(const synapse_request& r) {
    return r.source_shape.empty() ? grid_shape{static_cast<std::uint32_t>(r.sources)}
                                  : grid_shape(r.source_shape.begin(), r.source_shape.end());
  }

  static weight_extents weights(const synapse_plan& p) { return {1, p.sources}; }

  template <class F>
  static void each_synapse(std::uint32_t source, const synapse_plan&, const F& f) {
    f(synapse{source, 0, source});
  }
};

}  // namespace backspike::connections
