#include "gradient/pass.hpp"

#include "gradient/constants.hpp"

#include <backspike/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace backspike {
namespace {

/// Dense transposed products read the weights by target; everything else by source.
bool needs_transposed(const network& net, const connection& c) {
  return c.source != network_input && !has_compact_support(net.populations()[c.source].spec.surrogate.kind);
}

void transpose(const arena<float>& parameters, const network& net, const connection& c, aligned_vector<float>& out) {
  const auto weight = parameters.view(c.weight);
  const std::size_t width = net.populations()[c.source].width;
  out.assign(net.populations()[c.target].units * width, 0.0f);
  for (std::size_t source = 0; source < weight.rows; ++source) {
    for (std::size_t target = 0; target < weight.cols; ++target) {
      out[target * width + source] = weight(source, target);
    }
  }
}

}  // namespace

spike_function pass::spike_of(std::size_t population) const {
  const layer_spec& s = net->populations()[population].spec;
  return {s.surrogate, s.reset, s.detach_reset, spike_mode::hard};
}

void prepare_pass(pass& p, const network& net, const objective_spec& objective, const arena<float>& parameters,
                  bool backward) {
  p.net = &net;
  p.objective = &objective;
  p.kernels = &kernels::active_table();
  p.parameters = &parameters;
  refuse_non_finite(parameters, "parameter");
  std::size_t all = net.spec().inputs;
  p.constants.resize(net.populations().size());
  for (std::size_t i = 0; i < net.populations().size(); ++i) {
    const population& q = net.populations()[i];
    p.constants[i].resize(q.cell->constants * q.width);
    prepare_constants(q, parameters, net.spec().dt, p.constants[i]);
    all = std::max(all, q.width);
  }
  p.transposed.resize(net.connections().size());
  for (std::size_t i = 0; i < net.connections().size() && backward; ++i) {
    if (needs_transposed(net, net.connections()[i])) {
      transpose(parameters, net, net.connections()[i], p.transposed[i]);
    }
  }
  if (p.identity.size() < all) {
    p.identity.resize(all);
    std::iota(p.identity.begin(), p.identity.end(), 0u);
  }
}

void begin_objective(const pass& p, chunk& c, std::size_t i) {
  c.slots[i].objective.begin(*p.objective, c.data->target(c.samples[i]), c.length(i), p.net->outputs());
}

void read_objective(const pass& p, chunk& c, std::size_t i, const worker_scratch& w, bool count) {
  const population& last = p.net->populations().back();
  const step_range r = c.ranges[i];
  sample_slot& slot = c.slots[i];
  slot.objective.read(r.begin, {w.populations.back().output.data(), r.steps(), last.units, last.width});
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    slot.hidden_spikes += q + 1 < p.net->populations().size() ? slot.spikes[q].size() : 0;
    for (std::size_t k = 0; count && k < slot.spikes[q].size(); ++k) {
      ++slot.counts[q][slot.spikes[q].channels[k]];
    }
  }
  refuse_non_finite(p, c, i, w);
}

void finish_objective(const pass& p, chunk& c, std::size_t i) {
  sample_slot& slot = c.slots[i];
  slot.result = slot.objective.finish();
  slot.loss =
      static_cast<double>(slot.result.value) + p.objective->rate_penalty * static_cast<double>(slot.hidden_spikes);
  if (!std::isfinite(slot.loss)) {
    throw numeric_error(p.net->populations().back().spec.name,
                        "the loss of sample " + std::to_string(c.samples[i]) + " is not finite");
  }
}

void objective_error(const pass& p, chunk& c, std::size_t i, std::size_t loss_begin, worker_scratch& w) {
  const population& last = p.net->populations().back();
  population_scratch& s = w.populations.back();
  const step_range r = c.ranges[i];
  std::fill_n(s.error_output.begin(), r.steps() * last.width, 0.0f);
  const std::size_t skipped = loss_begin - r.begin, steps = r.steps() - skipped;
  c.slots[i].objective.error(loss_begin, {s.output.data() + skipped * last.width, steps, last.units, last.width},
                             p.sample_weight,
                             {s.error_output.data() + skipped * last.width, steps, last.units, last.width});
}

}  // namespace backspike
