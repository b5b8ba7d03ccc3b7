#pragma once
// Some to some: pairs that are given, or drawn once from a seed. Only synapses that exist have a weight, so that what
// is not there costs nothing and is never learned.

#include <backspike/connection/kind_base.hpp>

namespace backspike::connections {

struct sparse : kind_base {
  static constexpr std::string_view name = "sparse";
  static constexpr std::string_view meaning = "pairs of neurons that are given, or drawn with a density from a seed";
  static constexpr bool takes_pairs = true;
  static constexpr std::array fields{
      field{"density", "", 0.1, 0.0, 1.0, "probability that a pair of neurons is joined, where no pairs are given"},
      whole_field({"seed", "", 1.0, 0.0, 9007199254740991.0, "decides which pairs are drawn"}),
      field{"autapses", "", 1.0, 0.0, 1.0, "1: a neuron of a loop may be drawn as its own target; 0: it is not"},
  };

  static std::optional<synapse_problem> problem(const synapse_request& r);
  static void plan(const synapse_request& r, synapse_plan& p);
  static weight_extents weights(const synapse_plan& p) { return {1, p.target.size()}; }

  template <class F>
  static void each_synapse(std::uint32_t source, const synapse_plan& p, const F& f) {
    for (std::uint32_t e = p.first[source]; e < p.first[source + 1]; ++e) {
      f(synapse{p.target[e], 0, e});
    }
  }
};

}  // namespace backspike::connections
