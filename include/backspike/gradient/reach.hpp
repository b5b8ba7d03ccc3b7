#pragma once
// From which step on an output depends on the input of a sample. Before a spike has come to it an output is what its
// cell and its bias make of nothing: a maximum that lies there has a derivative of exactly 0 by every weight, and an
// output that is lower ever after keeps it there, for ever. So a maximum over time leaves these steps out.
//
// The first step of output c is the least t + d over the spikes that lead to it, those of other populations and of the
// input: t the step of the spike, d the steps that its connection takes and the integer next to the delay of the
// synapse from its neuron to c, where most of the spike arrives. From then on that synapse has a part of the output:
// its weight times what the cell has made of the spike since.

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

/// One connection to the outputs, and how late what it carries arrives.
struct reach_way {
  static constexpr std::uint32_t no_synapse = std::numeric_limits<std::uint32_t>::max();
  std::size_t source = network_input;
  std::size_t sources = 0;
  std::size_t first = 0, targets = 0;  // values of the row of outputs that it leads to
  std::uint32_t base_delay = 0;        // [steps]
  std::vector<std::uint32_t> late;     // [sources][targets] steps, or no_synapse; empty: base_delay for all
  std::size_t connection = 0;
  const backspike::connection* of = nullptr;  // that connection
};

/// Who reaches the outputs of a network; nothing where the objective does not ask.
struct reach_plan {
  bool wanted = false;
  std::size_t outputs = 0;
  std::vector<reach_way> ways;
};

namespace detail {

/// The steps from each source neuron to each output.
template <class S>
std::vector<std::uint32_t> steps_of(const connection& c, std::size_t targets, const arena<S>& parameters) {
  std::vector<std::uint32_t> late(c.source_units * targets, reach_way::no_synapse);
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    double delay = 0.0;
    if (c.has_delays()) {
      const double own = plain(parameters.view(c.delay_parameter)(c.delay_row(s), c.delay_column(source, s)));
      delay = std::floor(std::clamp(own, 0.0, double(c.late.max)) + 0.5);
    }
    late[source * targets + s.target] = static_cast<std::uint32_t>(static_cast<double>(c.base_delay) + delay);
  });
  return late;
}

}  // namespace detail

/// The plan of a network whose delays have these values.
template <class S>
reach_plan plan_reach(const network& net, const objective_spec& objective, const arena<S>& parameters) {
  reach_plan plan;
  plan.wanted = asks_for_reach(objective);
  plan.outputs = plan.wanted ? net.outputs() : 0;
  for (std::size_t k = 0; k < net.output_list().size() && plan.wanted; ++k) {
    const network_output& o = net.output(k);
    for (const connection& c : net.connections()) {
      if (!asks_for_reach(objective.of(k)) || c.target != o.population || c.source == o.population) {
        continue;  // what comes back to an output has left it before
      }
      const bool alike = c.is_matrix() && !c.has_delays();
      plan.ways.push_back({c.source, c.source_units, o.first, o.units, static_cast<std::uint32_t>(c.base_delay),
                           alike ? std::vector<std::uint32_t>() : detail::steps_of(c, o.units, parameters), c.index,
                           &c});
    }
  }
  return plan;
}

/// Of one sample, told its spikes in the order of time.
class output_reach {
 public:
  void begin(const reach_plan& plan) {
    first_.assign(plan.outputs, never_reached);
    seen_.resize(plan.ways.size());
    left_.assign(plan.ways.size(), 1);
    for (std::size_t w = 0; w < plan.ways.size(); ++w) {
      seen_[w].assign(plan.ways[w].late.empty() ? 0 : plan.ways[w].sources, false);
      left_[w] = plan.ways[w].late.empty() ? 1 : plan.ways[w].sources;
    }
  }

  /// False once no further spike can change anything.
  bool listens() const {
    return std::ranges::any_of(left_, [](std::size_t left) { return left > 0; });
  }

  void spike(const reach_plan& plan, std::size_t w, std::size_t t, std::size_t source) {
    const reach_way& way = plan.ways[w];
    if (left_[w] == 0 || (!seen_[w].empty() && seen_[w][source])) {
      return;  // a neuron's first spike is its first to arrive
    }
    --left_[w];
    if (!seen_[w].empty()) {
      seen_[w][source] = true;
    }
    for (std::size_t c = 0; c < way.targets; ++c) {
      const std::uint32_t late = way.late.empty() ? way.base_delay : way.late[source * way.targets + c];
      std::size_t& first = first_[way.first + c];
      first = late == reach_way::no_synapse ? first : std::min(first, t + late);
    }
  }

  /// The spikes of step t on way w as values of all neurons, and what they are multiplied with; empty: 1.
  template <class S>
  void spikes(const reach_plan& plan, std::size_t w, std::size_t t, const S* values,
              std::span<const float> factors = {}) {
    for (std::size_t j = 0; left_[w] > 0 && j < plan.ways[w].sources; ++j) {
      if (plain(values[j]) != 0.0 && (factors.empty() || factors[j] != 0.0f)) {
        spike(plan, w, t, j);
      }
    }
  }

  /// The same from a list of events, of the input with all its channels.
  void spikes(const reach_plan& plan, std::size_t w, std::size_t t, const event_row& row,
              std::span<const float> factors = {}) {
    for (std::size_t e = 0; left_[w] > 0 && e < row.channels.size(); ++e) {
      const auto source = plan.ways[w].of->source_of(row.channels[e]);
      if (source && (factors.empty() || factors[*source] != 0.0f) && (row.values.empty() || row.values[e] != 0.0f)) {
        spike(plan, w, t, *source);
      }
    }
  }

  /// [outputs] the first step that the input reaches, of the spikes told so far; empty where nobody asks.
  std::span<const std::size_t> first() const { return first_; }
  /// Of one output of the network.
  std::span<const std::size_t> first(const network_output& o) const {
    return first_.empty() ? first() : first().subspan(o.first, o.units);
  }

 private:
  std::vector<std::size_t> first_;
  std::vector<std::vector<bool>> seen_;  // [ways][sources] where delays differ
  std::vector<std::size_t> left_;        // [ways] sources whose first spike would tell something
};

}  // namespace backspike
