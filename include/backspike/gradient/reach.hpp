#pragma once
// From which step on an output depends on the input of a sample. Before a spike has come to it an output is what its
// cell and its bias make of nothing: a maximum that lies there has a derivative of exactly 0 by every weight, and an
// output that is lower ever after keeps it there, for ever. So a maximum over time leaves these steps out.
//
// The first step of output c is the least t + d over the spikes of the layer before it (or of the input, in a network
// of one layer): t the step of the spike, d the integer next to the delay of the synapse from its neuron to c, where
// most of the spike arrives. From then on that synapse has a part of the output: its weight times what the cell has
// made of the spike since.

#include <backspike/core/arena.hpp>
#include <backspike/core/events.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>
#include <backspike/scalar/scalar.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace backspike {

inline constexpr std::size_t never_reached = std::numeric_limits<std::size_t>::max();

/// Who reaches the outputs of a network, and how late; nothing where the objective does not ask.
struct reach_plan {
  bool wanted = false;
  std::size_t source = network_input;  // population before the last one
  std::size_t sources = 0, outputs = 0;
  std::vector<std::uint32_t> late;  // [sources][outputs] delays [steps]; empty: none
};

/// The plan of a network whose delays have these values.
template <class S>
reach_plan plan_reach(const network& net, const objective_spec& objective, const arena<S>& parameters) {
  reach_plan plan;
  plan.wanted = asks_for_reach(objective);
  for (const connection& c : net.connections()) {
    if (!plan.wanted || c.target + 1 != net.populations().size() || c.base_delay != 0) {
      continue;  // what comes back to the last layer has left it before
    }
    plan.source = c.source;
    plan.sources = c.source_units;
    plan.outputs = net.outputs();
    for (std::size_t i = 0; c.has_delays() && i < plan.sources * plan.outputs; ++i) {
      const std::size_t row = c.delay_row(i / plan.outputs),
                        column = c.delay_column(i / plan.outputs, i % plan.outputs);
      const double delay = plain(parameters.view(c.delay_parameter)(row, column));
      plan.late.push_back(static_cast<std::uint32_t>(std::floor(std::clamp(delay, 0.0, double(c.late.max)) + 0.5)));
    }
  }
  return plan;
}

/// Of one sample, told its spikes in the order of time.
class output_reach {
 public:
  void begin(const reach_plan& plan) {
    first_.assign(plan.wanted ? plan.outputs : 0, never_reached);
    seen_.assign(plan.late.empty() ? 0 : plan.sources, false);
    left_ = !plan.wanted ? 0 : plan.late.empty() ? 1 : plan.sources;
  }

  /// False once no further spike can change anything.
  bool listens() const { return left_ > 0; }

  void spike(const reach_plan& plan, std::size_t t, std::size_t source) {
    if (left_ == 0 || (!seen_.empty() && seen_[source])) {
      return;  // a neuron's first spike is its first to arrive
    }
    --left_;
    if (!seen_.empty()) {
      seen_[source] = true;
    }
    for (std::size_t c = 0; c < plan.outputs; ++c) {
      const std::size_t late = plan.late.empty() ? 0 : plan.late[source * plan.outputs + c];
      first_[c] = std::min(first_[c], t + late);
    }
  }

  /// The spikes of step t as values of all neurons.
  template <class S>
  void spikes(const reach_plan& plan, std::size_t t, const S* values) {
    for (std::size_t j = 0; listens() && j < plan.sources; ++j) {
      if (plain(values[j]) != 0.0) {
        spike(plan, t, j);
      }
    }
  }

  /// The same from a list of events.
  void spikes(const reach_plan& plan, std::size_t t, const event_row& row) {
    for (std::size_t e = 0; listens() && e < row.channels.size(); ++e) {
      if (row.values.empty() || row.values[e] != 0.0f) {
        spike(plan, t, row.channels[e]);
      }
    }
  }

  /// [outputs] the first step that the input reaches, of the spikes told so far; empty where nobody asks.
  std::span<const std::size_t> first() const { return first_; }

 private:
  std::vector<std::size_t> first_;
  std::vector<bool> seen_;  // [sources] where delays differ
  std::size_t left_ = 0;    // sources whose first spike would tell something
};

}  // namespace backspike
