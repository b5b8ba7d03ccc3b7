// Counts synaptic operations, sparsity and memory from the spikes of an evaluation; docs/energy.md has the definitions.

#include <backspike/experiment/complexity.hpp>

#include <backspike/cell/tsodyks_markram.hpp>
#include <backspike/connection/one_to_one.hpp>
#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

/// What a population, or the input, sends over all samples.
struct emission {
  std::vector<std::uint64_t> counts;  // [units] values other than 0
  bool binary = true;
};

/// What the channels that a connection leads from send.
emission of_input(const dataset& data, const connection& c) {
  emission sent{std::vector<std::uint64_t>(c.source_units), true};
  const auto& spikes = data.inputs.spikes;
  for (std::size_t i = 0; i < spikes.channels.size(); ++i) {
    const float value = spikes.graded() ? spikes.values[i] : 1.0F;
    if (const auto source = c.source_of(spikes.channels[i])) {
      sent.counts[*source] += value != 0.0F ? 1 : 0;
      sent.binary = sent.binary && (value == 0.0F || std::abs(value) == 1.0F);
    }
  }
  return sent;
}

emission of_population(const population& p, const std::vector<std::uint64_t>& spikes, std::uint64_t steps) {
  if (!p.cell->spiking) {
    return {std::vector<std::uint64_t>(p.units, steps), false};
  }
  return {spikes, true};
}

/// What a connection carries: short-term plasticity sends a value for each spike that it gets, others in every step.
emission of_source(const network& net, const connection& c, const dataset& data, const evaluation& activity) {
  if (c.comes_from_input()) {
    return of_input(data, c);
  }
  const population& p = net.populations()[c.source];
  if (p.cell->name == tsodyks_markram::name && p.inputs.size() == 1) {
    const connection& relay = net.connections()[p.inputs.front()];
    if (relay.info->name == connections::one_to_one::name) {
      return {of_source(net, relay, data, activity).counts, false};
    }
  }
  return of_population(p, activity.kept.spikes[c.source], activity.steps);
}

/// Synapses with weights other than 0 that leave each source neuron.
std::vector<std::uint64_t> fan_outs(const connection& c, matrix_view<const float> weights) {
  std::vector<std::uint64_t> counts(c.source_units);
  each_synapse(
      c, [&](std::uint32_t source, const synapse& s) { counts[source] += weights(s.row, s.column) != 0.0F ? 1 : 0; });
  return counts;
}

void require_whole(const network& net, const dataset& data, const evaluation& activity) {
  const auto rows = data.inputs.spikes.rows();
  if (activity.samples != data.size() || activity.steps != rows) {
    throw shape_error("measure_complexity", "evaluation",
                      std::to_string(activity.samples) + " samples of " + std::to_string(activity.steps) + " steps",
                      std::to_string(data.size()) + " of " + std::to_string(rows));
  }
  if (activity.samples > 0 && activity.kept.spikes.size() != net.populations().size()) {
    throw shape_error("measure_complexity", "evaluation", std::to_string(activity.kept.spikes.size()) + " populations",
                      std::to_string(net.populations().size()));
  }
}

connection_operations count(const network& net, const connection& link, const emission& sent,
                            const std::vector<std::uint64_t>& reached, const evaluation& activity) {
  const auto samples = static_cast<double>(activity.samples), steps = static_cast<double>(activity.steps);
  connection_operations result{source_name(net, link), net.populations()[link.target].spec.name, 0, {}};
  const auto events = std::accumulate(sent.counts.begin(), sent.counts.end(), std::uint64_t{0});
  result.events = static_cast<double>(events) / samples;
  const auto effective = std::inner_product(sent.counts.begin(), sent.counts.end(), reached.begin(), std::uint64_t{0});
  (sent.binary ? result.counted.effective_acs : result.counted.effective_macs) =
      static_cast<double>(effective) / samples;
  result.counted.dense = static_cast<double>(synapse_count(link)) * steps / samples;
  return result;
}

/// Synaptic operations and the sparsity of connections, which both come from the weights.
void count_connections(complexity& c, const network& net, const arena<float>& parameters, const dataset& data,
                       const evaluation& activity) {
  double weights = 0, present = 0;
  for (const auto& link : net.connections()) {
    const auto reached = fan_outs(link, parameters.view(link.weight));
    weights += static_cast<double>(synapse_count(link));
    present += static_cast<double>(std::accumulate(reached.begin(), reached.end(), std::uint64_t{0}));
    if (activity.samples == 0) {
      continue;
    }
    const auto sent = of_source(net, link, data, activity);
    c.connections.push_back(count(net, link, sent, reached, activity));
    const auto& counted = c.connections.back().counted;
    c.operations.effective_acs += counted.effective_acs;
    c.operations.effective_macs += counted.effective_macs;
    c.operations.dense += counted.dense;
  }
  c.connection_sparsity = weights > 0 ? 1.0 - present / weights : 0.0;
}

void count_neurons(complexity& c, const network& net, const evaluation& activity) {
  double units = 0, spiking = 0, spikes = 0;
  for (std::size_t p = 0; p < net.populations().size(); ++p) {
    const auto& population = net.populations()[p];
    units += static_cast<double>(population.units);
    if (population.cell->spiking && activity.samples > 0) {
      const auto& counts = activity.kept.spikes[p];
      spiking += static_cast<double>(population.units);
      spikes += static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
    }
  }
  const auto steps = static_cast<double>(activity.steps);
  c.membrane_updates = activity.samples > 0 ? units * steps / static_cast<double>(activity.samples) : 0.0;
  c.activation_sparsity =
      spiking * steps > 0 ? 1.0 - spikes / (spiking * steps) : std::numeric_limits<double>::quiet_NaN();
}

std::uint64_t footprint_of(const network& net) {
  std::uint64_t numbers = 0;
  for (const auto& info : net.parameters().entries()) {
    numbers += info.size();
  }
  for (const auto& population : net.populations()) {
    numbers += population.units * population.cell->states.size();
  }
  return numbers * sizeof(float);
}

}  // namespace

complexity measure_complexity(const network& net, const arena<float>& parameters, const dataset& data,
                              const evaluation& activity) {
  require_whole(net, data, activity);
  complexity c;
  count_connections(c, net, parameters, data, activity);
  count_neurons(c, net, activity);
  c.footprint = footprint_of(net);
  return c;
}

}  // namespace backspike
