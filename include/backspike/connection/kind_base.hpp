#pragma once
// What most kinds of connection have in common; a kind says what is different with it. connections.hpp has the list.
//
// A kind says: its name and meaning; `fields`, its settings, each of which is a key of [[network.connection]];
// weights(plan), the shape of its weight parameter; and each_synapse(source, plan, f), which calls f(synapse) for every
// synapse of a source neuron, targets ascending and no target twice. Everything else follows from that.

#include <backspike/connection/synapses.hpp>
#include <backspike/core/field.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace backspike::connections {

struct kind_base {
  static constexpr std::array<field, 0> fields{};
  static constexpr bool matrix = false;          // the weight of i to j is number [i, j]: products of matrices serve it
  static constexpr bool shares_weights = false;  // two synapses may have one number
  static constexpr bool takes_pairs = false;     // it may be told who is joined to whom
  static constexpr bool finds_targets = false;   // target_shape says what it leads to
  static constexpr bool fixed = false;           // its weights are 1 and are not learned
  static constexpr bool has_patches = false;     // its synapses are those of synapse_plan::patches
  static constexpr bool sets_neurons = false;    // a layer has it as its own alone, and has neurons made for it

  /// Why such a connection cannot be; checked before it is planned.
  static std::optional<synapse_problem> problem(const synapse_request&) { return std::nullopt; }
  /// What it leads to where nobody has said it, of a request without a problem; one extent: a number of neurons.
  static grid_shape target_shape(const synapse_request&) { return {}; }
  /// Lists what a kind keeps beside the numbers of neurons.
  static void plan(const synapse_request&, synapse_plan&) {}
};

}  // namespace backspike::connections
