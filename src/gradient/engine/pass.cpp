// What a batch needs before its samples run (constants, packed matrices), and the objective on the way of each sample.

#include "gradient/engine/pass.hpp"

#include "gradient/engine/constants.hpp"

#include <backspike/core/error.hpp>
#include <backspike/network/delays.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// Events of a row of the input from which on it is multiplied as a matrix.
std::size_t dense_from(const network& net) {
  return static_cast<std::size_t>(dense_share * static_cast<double>(net.spec().inputs)) + 1;
}

/// A connection whose weights are packed where the input is dense.
bool takes_dense_input(const connection& c) { return c.comes_from_input() && !c.has_delays() && c.is_matrix(); }

/// A connection on whose transpose errors go back.
bool is_transposed(const connection& c) { return !c.comes_from_input() && !c.has_delays() && c.is_matrix(); }

/// A connection that runs from a list of its synapses.
bool is_listed(const connection& c) { return !c.is_matrix() && !c.has_delays() && !has_patches(c); }

}  // namespace

input_facts facts_of_input(const network& net, const dataset& data, std::span<const std::uint32_t> samples) {
  const auto& offsets = data.inputs.spikes.row_offsets;
  const std::size_t enough = dense_from(net);
  input_facts found;
  found.graded = data.inputs.spikes.graded();
  std::uint64_t events = 0, rows = 0;
  for (const std::uint32_t s : samples) {
    const std::uint64_t first = data.inputs.sample_rows[s], end = data.inputs.sample_rows[s + 1];
    for (std::uint64_t r = first; r < end; ++r) {
      const bool dense = offsets[r + 1] - offsets[r] >= enough;
      found.any_dense = found.any_dense || dense;
      found.all_dense = found.all_dense && dense;
    }
    events += offsets[end] - offsets[first];
    rows += end - first;
  }
  found.density = static_cast<double>(events) / static_cast<double>(std::max<std::uint64_t>(rows, 1) * data.channels);
  return found;
}

spike_function pass::spike_of(std::size_t population) const {
  return backspike::spike_of(net->populations()[population], spike_mode::hard);
}

const float* pass::start_of(std::size_t inlet) const {
  const std::size_t population = net->inlets()[inlet].population, receptor = net->inlets()[inlet].receptor;
  const std::size_t parameter = receptor == 0 ? net->populations()[population].bias : no_parameter;
  return parameter == no_parameter   ? zeros.data()
         : !bias[population].empty() ? bias[population].data()
                                     : parameters->view(parameter).data;
}

void prepare_pass(pass& p, const network& net, const objective_spec& objective, const arena<float>& parameters,
                  bool backward, thread_pool& pool) {
  p.net = &net;
  p.objective = &objective;
  p.kernels = p.arithmetic == arithmetic_kind::separate ? &kernels::active_table() : kernels::active_table().fused;
  p.patch_kernels = &kernels::patch_functions_of(p.kernels->name);
  p.parameters = &parameters;
  refuse_non_finite(parameters, "parameter", pool);
  require_in_range(parameters, range_scope::bounded);
  if (backward && p.signals == nullptr) {  // e-prop does not learn delays
    require_learnable_widths(net, parameters);
  }
  const bool sends_back = backward && p.signals == nullptr;
  memory_plan take = memory_plan::take();
  plan_pass(take, p, net, sends_back);
  neuron_numbers memory;
  for (std::size_t i = 0; i < net.populations().size(); ++i) {
    prepare_constants(net.populations()[i], parameters, net.spec().dt, memory, std::span<float>(p.constants[i]));
  }
  for (std::size_t i = 0; i < net.populations().size(); ++i) {
    const population& layer = net.populations()[i];
    for (std::size_t n = 0; n < layer.units && !p.bias[i].empty(); ++n) {
      p.bias[i][n] = parameters.view(layer.bias)(0, layer.column_of_bias(n));
    }
  }
  const auto connections = net.connections();
  for (std::size_t k = 0; k < connections.size(); ++k) {
    if (is_listed(connections[k]) && !p.tables[k].is_filled()) {
      p.tables[k].fill(connections[k], net.parameters()[connections[k].weight].stride);
    }
    if (has_patches(connections[k]) || has_pools(connections[k])) {
      p.patches[k].fill(connections[k], net.parameters()[connections[k].weight].stride);
    }
  }
  for (std::size_t k = 0; k < connections.size() && sends_back; ++k) {
    if (is_transposed(connections[k])) {
      const auto weight = parameters.view(connections[k].weight);
      pool.for_each(p.transposed[k].count(), [&](std::size_t j, std::size_t) {
        pack_transposed_panel(p.transposed[k], j, weight);
        finish_panel(*p.kernels, p.transposed[k], j);
      });
    }
  }
  prepare_delays(p, pool);
  p.reach = plan_reach(net, objective, parameters);
}

void plan_pass(memory_plan& m, pass& p, const network& net, bool backward) {
  const auto connections = net.connections();
  m.sets(p.constants, net.populations().size());
  m.sets(p.bias, net.populations().size());
  m.sets(p.transposed, connections.size());
  m.sets(p.forward, connections.size());
  m.sets(p.tables, connections.size());
  m.sets(p.patches, connections.size());
  for (std::size_t k = 0; k < connections.size(); ++k) {
    if (is_listed(connections[k])) {
      plan_table(m, p.tables[k], connections[k]);
    }
    if (has_patches(connections[k]) || has_pools(connections[k])) {
      plan_patches(m, p.patches[k], connections[k]);
    }
  }
  std::size_t widest = 0;
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const population& layer = net.populations()[q];
    m.grow(p.constants[q], layer.cell->constants * layer.padded_units);
    m.grow(p.bias[q], layer.bias != no_parameter && layer.bias_columns != layer.units ? layer.padded_units : 0);
    widest = std::max(widest, layer.padded_units);
  }
  m.grow(p.zeros, widest);
  for (std::size_t k = 0; k < connections.size() && backward; ++k) {
    if (is_transposed(connections[k])) {
      p.transposed[k].plan(m, net.populations()[connections[k].target].units, connections[k].source_units, p.rounds());
    }
  }
}

void plan_dense_inputs(memory_plan& m, pass& p, const network& net, const input_facts& input) {
  for (std::size_t k = 0; k < net.connections().size() && input.any_dense; ++k) {
    const connection& c = net.connections()[k];
    if (takes_dense_input(c)) {
      p.forward[k].plan(m, c.source_units, net.populations()[c.target].units, p.rounds());
    }
  }
}

void pack_dense_inputs(pass& p, const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool) {
  p.dense_from = dense_from(*p.net);
  p.input = facts_of_input(*p.net, data, samples);
  memory_plan take = memory_plan::take();
  plan_dense_inputs(take, p, *p.net, p.input);
  for (std::size_t k = 0; k < p.net->connections().size() && p.input.any_dense; ++k) {
    if (takes_dense_input(p.net->connections()[k])) {
      const auto weight = p.parameters->view(p.net->connections()[k].weight);
      pool.for_each(p.forward[k].count(), [&](std::size_t j, std::size_t) {
        pack_panel(p.forward[k], j, weight);
        finish_panel(*p.kernels, p.forward[k], j);
      });
    }
  }
}

namespace {

/// What an objective sees of an output: so many steps of the window.
trace_view<const float> readout_of(const network_output& o, const worker_scratch& w, std::size_t first,
                                   std::size_t steps) {
  return {w.populations[o.population].read(o).data() + first * padded(o.units), steps, o.units, padded(o.units)};
}

}  // namespace

void begin_objective(const pass& p, in_flight_batch& c, std::size_t i) {
  c.slots[i].objective.begin(*p.net, *p.objective, *c.data, c.samples[i]);
  c.slots[i].reach.begin(p.reach);
}

void read_objective(const pass& p, in_flight_batch& c, std::size_t i, const worker_scratch& w, bool count) {
  const step_range r = c.ranges[i];
  sample_slot& slot = c.slots[i];
  for (std::size_t t = 0; t < r.steps() && slot.reach.listens(); ++t) {
    const std::uint64_t row = c.data->inputs.sample_rows[c.samples[i]] + r.begin + t;
    for (std::size_t k = 0; k < p.reach.ways.size(); ++k) {
      const std::size_t source = p.reach.ways[k].source;
      slot.reach.spikes(p.reach, k, r.begin + t,
                        source == network_input ? c.data->inputs.spikes.row(row) : slot.spikes[source].row(t),
                        slot.draws.factors(p.reach.ways[k].connection));
    }
  }
  for (std::size_t k = 0; k < slot.objective.size(); ++k) {
    const network_output& o = p.net->output(k);
    slot.objective[k].read(r.begin, readout_of(o, w, 0, r.steps()), slot.reach.first(o));
  }
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    if (!p.net->populations()[q].cell->spiking) {
      for (const float x : slot.spikes[q].values) {
        slot.power[q] += static_cast<double>(x) * static_cast<double>(x);
      }
      continue;
    }
    slot.hidden_spikes += p.net->populations()[q].is_output ? 0 : slot.spikes[q].size();
    for (std::size_t k = 0; count && k < slot.spikes[q].size(); ++k) {
      ++slot.counts[q][slot.spikes[q].channels[k]];
    }
  }
  refuse_non_finite(p, c, i, w);
}

void finish_objective(const pass& p, in_flight_batch& c, std::size_t i) {
  sample_slot& slot = c.slots[i];
  slot.loss = static_cast<double>(slot.objective.finish()) +
              p.objective->rate_penalty * static_cast<double>(slot.hidden_spikes);
  if (p.activity.any()) {
    slot.loss += activity_cost(p.activity, slot.counts, c.length(i));
  }
  if (!std::isfinite(slot.loss)) {
    throw numeric_error(output_not_finite(*p.net, slot.objective),
                        "the loss of sample " + std::to_string(c.samples[i]) + " is not finite");
  }
}

void activity_gradient(const pass& p, in_flight_batch& c, std::size_t i) {
  sample_slot& slot = c.slots[i];
  activity_prices(p.activity, slot.counts, c.length(i), [&](std::size_t q, std::size_t n, double price) {
    slot.prices[q][n] = static_cast<float>(price * p.sample_weight);
  });
}

void add_prices(const pass& p, const sample_slot& slot, std::size_t q, std::size_t steps, float* error_output) {
  const population& layer = p.net->populations()[q];
  for (std::size_t t = 0; p.activity.reads(q) && t < steps; ++t) {
    for (std::size_t n = 0; n < layer.units; ++n) {
      error_output[t * layer.padded_units + n] += slot.prices[q][n];
    }
  }
}

void clear_errors(const network& net, worker_scratch& w, std::size_t steps) {
  for (const network_output& o : net.output_list()) {
    population_scratch& s = w.populations[o.population];
    std::fill_n(s.error_output.begin(), steps * padded(o.units), 0.0f);
    std::fill_n(s.error_membrane.begin(), net.populations()[o.population].shows_membrane ? steps * padded(o.units) : 0,
                0.0f);
  }
}

void objective_error(const pass& p, in_flight_batch& c, std::size_t i, std::size_t loss_begin, worker_scratch& w) {
  const step_range r = c.ranges[i];
  const std::size_t skipped = loss_begin - r.begin, steps = r.steps() - skipped;
  clear_errors(*p.net, w, r.steps());
  for (std::size_t k = 0; k < c.slots[i].objective.size(); ++k) {
    const network_output& o = p.net->output(k);
    float* error = w.populations[o.population].error(o).data() + skipped * padded(o.units);
    c.slots[i].objective[k].add_error(loss_begin, readout_of(o, w, skipped, steps), p.sample_weight,
                                      {error, steps, o.units, padded(o.units)});
  }
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    if (const population& layer = p.net->populations()[q]; layer.is_output) {
      add_prices(p, c.slots[i], q, steps, w.populations[q].error_output.data() + skipped * layer.padded_units);
    }
  }
}

}  // namespace backspike
