// From a planned network and its parameters to tables in the order of a small machine.

#include "deploy/program/program.hpp"

#include "deploy/expression/cell_steps.hpp"
#include "gradient/connection/patch_table.hpp"
#include "gradient/connection/synapse_kernel.hpp"
#include "gradient/engine/constants.hpp"

#include <algorithm>

namespace backspike::deploy {
namespace {

population_program make_population(const network& net, const population& p, const arena<float>& parameters) {
  population_program made;
  made.is = &p;
  made.step = step_of(p);
  std::vector<float> rows(p.cell->constants * p.padded_units);
  neuron_numbers memory;
  prepare_constants(p, parameters, net.spec().dt, memory, std::span<float>(rows));
  for (std::size_t n = 0; n < p.units; ++n) {
    for (std::size_t k = 0; k < p.cell->constants; ++k) {
      made.constants.push_back(rows[k * p.padded_units + n]);
    }
  }
  for (std::size_t n = 0; n < p.units && p.bias != no_parameter; ++n) {
    made.bias.push_back(parameters.view(p.bias)(0, p.column_of_bias(n)));
  }
  return made;
}

void fill_whole_matrix(connection_program& c, const arena<float>& parameters) {
  const auto view = parameters.view(c.is->weight);
  for (std::size_t r = 0; r < view.rows; ++r) {
    c.weights.insert(c.weights.end(), view.row(r), view.row(r) + view.cols);
  }
}

void fill_list(connection_program& c, const arena<float>& parameters) {
  const auto view = parameters.view(c.is->weight);
  c.first.assign(c.is->source_units + 1, 0);
  for (std::size_t source = 0; source < c.is->source_units; ++source) {
    each_synapse(*c.is, source, [&](const synapse& s) {
      c.target.push_back(s.target);
      c.weights.push_back(view(s.row, s.column) * static_cast<float>(s.factor));  // as the engine's table has it
    });
    c.first[source + 1] = static_cast<std::uint32_t>(c.target.size());
    c.most_list = std::max<std::size_t>(c.most_list, c.first[source + 1] - c.first[source]);
  }
}

/// Weights times the kernels of their delays, as the engine rounds them.
void fill_delayed(connection_program& c, const arena<float>& parameters, std::size_t targets) {
  const connection& k = *c.is;
  const auto view = parameters.view(k.weight);
  const std::size_t used = widest_window(k.late.kernel, k.late.max, largest_width(k, parameters));
  synapse_kernel<float> kernel(k, parameters, false);
  c.taps = used;
  c.line = k.base_delay + k.late.max + 1;
  if (c.form == synapse_form::matrix) {
    c.weights.assign(k.source_units * targets * used, 0.0f);
    c.arrival.assign(k.source_units * targets, 0);
  } else {
    fill_list(c, parameters);
    c.weights.assign(c.target.size() * used, 0.0f);
    c.arrival.assign(c.target.size(), 0);
  }
  std::size_t e = 0;
  each_synapse(k, [&](std::uint32_t source, const synapse& s) {
    kernel.move_to(source, s);
    const std::size_t first = std::min(kernel.window().first, k.late.max + 1 - used);
    const std::size_t at = c.form == synapse_form::matrix ? source * targets + s.target : e++;
    c.arrival[at] = static_cast<std::uint32_t>(k.base_delay + first);
    const double weight = static_cast<double>(view(s.row, s.column)) * s.factor;
    for (std::size_t t = 0; t < kernel.window().count; ++t) {
      c.weights[at * used + kernel.window().first - first + t] = static_cast<float>(weight * kernel.value(t));
    }
  });
}

connection_program make_connection(const network& net, const connection& k, const arena<float>& parameters,
                                   bool graded) {
  connection_program c;
  c.is = &k;
  c.graded = graded;
  c.form = k.is_matrix() ? synapse_form::matrix : has_patches(k) ? synapse_form::patches : synapse_form::list;
  if (k.has_delays()) {
    fill_delayed(c, parameters, net.populations()[k.target].units);
  } else if (c.form == synapse_form::list) {
    fill_list(c, parameters);
  } else {
    fill_whole_matrix(c, parameters);
  }
  return c;
}

}  // namespace

network_program program_of(const network& net, const arena<float>& parameters, bool graded_input) {
  network_program made;
  made.net = &net;
  made.graded_input = graded_input;
  for (const population& p : net.populations()) {
    made.populations.push_back(make_population(net, p, parameters));
    made.sources.push_back({p.units, 1, !p.cell->spiking});
  }
  made.sources.push_back({net.spec().inputs, 1, graded_input});
  for (const connection& k : net.connections()) {
    source_program& from = made.sources[made.source_of(k)];
    made.connections.push_back(make_connection(net, k, parameters, from.graded));
    if (!k.has_delays()) {
      from.kept = std::max(from.kept, k.base_delay + 1);
    }
  }
  return made;
}

}  // namespace backspike::deploy
