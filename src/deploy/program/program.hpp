#pragma once
// A trained network as a small machine runs it: step by step, one neuron after the other, with what it keeps of the
// steps before. The C export prints it; fixed point runs it.

#include "deploy/expression/expression.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backspike::deploy {

struct population_program {
  const population* is = nullptr;
  cell_step step;
  std::vector<float> constants;  // [units][constants]
  std::vector<float> bias;       // [units], or empty
};

/// How a connection finds its synapses: all targets of a source, the windows of a convolution, or a list.
enum class synapse_form { matrix, patches, list };

struct connection_program {
  const connection* is = nullptr;
  synapse_form form = synapse_form::list;
  std::vector<float> weights;         // [sources][targets][taps], [rows][columns] or [synapses][taps]
  std::vector<std::uint32_t> first;   // list: [sources + 1] synapses of a source
  std::vector<std::uint32_t> target;  // list: [synapses]
  std::size_t taps = 1;
  /// Of connections with delays: steps until the first tap of each synapse arrives, [sources][targets] or [synapses].
  std::vector<std::uint32_t> arrival;
  std::size_t line = 0;       // [steps] that a spike may be on its way, this one included; 0: none is kept
  bool graded = false;        // what it carries has values
  std::size_t most_list = 0;  // synapses of a source at most
};

/// Where a connection comes from: the input is the last of the sources.
struct source_program {
  std::size_t units = 0;
  std::size_t kept = 1;  // [steps] this one included
  bool graded = false;
};

struct network_program {
  const network* net = nullptr;
  std::vector<population_program> populations;
  std::vector<connection_program> connections;
  std::vector<source_program> sources;  // [populations + 1]
  bool graded_input = false;

  std::size_t input() const { return populations.size(); }
  std::size_t source_of(const connection& c) const { return c.comes_from_input() ? input() : c.source; }
};

/// Throws value_error naming a cell that was registered by a program. The network must outlive the result.
network_program program_of(const network& net, const arena<float>& parameters, bool graded_input);

}  // namespace backspike::deploy
