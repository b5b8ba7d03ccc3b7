// From delays to taps, and from sums over taps to gradients.

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/synapse_kernel.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

std::size_t padded_taps(std::size_t used) {
  return (used + kernels::vec8_lanes - 1) / kernels::vec8_lanes * kernels::vec8_lanes;
}

/// Where the taps of a synapse begin: all lie within `used` lanes, those at the end of the range too.
std::size_t first_tap(const connection& c, const delayed_taps& d, const delay_window& window) {
  return std::min(window.first, c.late.max + 1 - d.used);
}

void fill_row(const pass& p, const connection& c, delayed_taps& d, std::size_t source) {
  synapse_kernel<float> kernel(c, *p.parameters, false);
  const float* weight = p.parameters->view(c.weight).row(source);
  float* taps = d.taps.data() + source * d.targets * d.lanes;
  std::fill_n(taps, d.targets * d.lanes, 0.0f);
  for (std::size_t j = 0; j < d.targets; ++j, taps += d.lanes) {
    kernel.move_to(source, j);
    const std::size_t first = first_tap(c, d, kernel.window());
    d.first[source * d.targets + j] = d.first_by_target[j * c.source_units + source] =
        static_cast<std::uint32_t>(first);
    for (std::size_t k = 0; k < kernel.window().count; ++k) {
      taps[kernel.window().first - first + k] = static_cast<float>(static_cast<double>(weight[j]) * kernel.value(k));
    }
  }
}

void prepare(const pass& p, const connection& c, delayed_taps& d, thread_pool& pool) {
  memory_plan take = memory_plan::take();
  d.plan(take, *p.net, c, widest_window(c.late.kernel, c.late.max, largest_width(c, *p.parameters)));
  pool.for_each(c.source_units, [&](std::size_t source, std::size_t) { fill_row(p, c, d, source); });
}

/// What the sums of one synapse mean for its weight, delay and width.
struct synapse_gradient {
  double weight = 0.0, delay = 0.0, width = 0.0;
};

synapse_gradient pull_back(const delayed_taps& d, const connection& c, synapse_kernel<float>& kernel, const float* sum,
                           std::size_t source, std::size_t target, double weight) {
  kernel.move_to(source, target);
  sum += kernel.window().first - first_tap(c, d, kernel.window());
  synapse_gradient g;
  for (std::size_t k = 0; k < kernel.window().count; ++k) {
    g.weight += kernel.value(k) * static_cast<double>(sum[k]);
    g.delay += kernel.by_delay(k) * static_cast<double>(sum[k]);
    g.width += kernel.by_width(k) * static_cast<double>(sum[k]);
  }
  g.delay *= weight;
  g.width *= weight;
  return g;
}

/// One owner for each delay: the rows of a source, or, where targets own them, the columns of a target.
void finish(const pass& p, const connection& c, const delayed_taps& d, const aligned_vector<float>& sums,
            thread_pool& pool, arena<float>& gradient) {
  const bool by_target = c.late.per == delay_sharing::target, own_width = c.late.width.learn;
  const std::size_t owners = by_target ? d.targets : c.source_units, others = by_target ? c.source_units : d.targets;
  const auto weight = p.parameters->view(c.weight);
  const auto weights = gradient.view(c.weight), delays = gradient.view(c.delay_parameter);
  const bool learns_delay = c.late.learn && p.signals == nullptr;  // under e-prop delays stand still
  const bool learns_width = c.kernel_width_parameter != no_parameter && own_width && p.signals == nullptr;
  pool.for_each(owners, [&](std::size_t owner, std::size_t) {
    synapse_kernel<float> kernel(c, *p.parameters, true);
    synapse_gradient total;
    for (std::size_t other = 0; other < others; ++other) {
      const std::size_t i = by_target ? other : owner, j = by_target ? owner : other;
      const synapse_gradient g = pull_back(d, c, kernel, sums.data() + (j * c.source_units + i) * d.lanes, i, j,
                                           static_cast<double>(weight(i, j)));
      weights(i, j) += static_cast<float>(g.weight);
      const bool shared = c.late.per != delay_sharing::synapse;
      total.delay = shared ? total.delay + g.delay : g.delay;
      total.width = shared ? total.width + g.width : g.width;
      if (shared && other + 1 < others) {
        continue;
      }
      const std::size_t row = c.delay_row(i), column = c.delay_column(i, j);
      if (learns_delay) {
        delays(row, column) += static_cast<float>(total.delay);
      }
      if (learns_width) {
        gradient.view(c.kernel_width_parameter)(row, column) += static_cast<float>(total.width);
      }
    }
  });
}

void plan_sums(memory_plan& m, delayed_sums& sums, const connection& c, const delayed_taps& d) {
  m.list(sums.begin, c.source_units + 1);
  m.zeros(sums.sums, c.source_units * d.targets * d.lanes);
}

}  // namespace

void delayed_taps::plan(memory_plan& m, const network& net, const connection& c, std::size_t used_taps) {
  targets = net.populations()[c.target].units;
  used = used_taps;
  lanes = padded_taps(used);
  m.grow(first, c.source_units * targets);
  m.grow(first_by_target, c.source_units * targets);
  m.grow(taps, c.source_units * targets * lanes);
}

void plan_delays(memory_plan& m, const network& net) {
  for (const connection& c : net.connections()) {
    if (c.has_delays()) {
      delayed_taps d;
      delayed_sums sums;
      d.plan(m, net, c, widest_window(c.late.kernel, c.late.max, std::max(c.late.width.from, c.late.width.to)));
      plan_sums(m, sums, c, d);
    }
  }
}

void prepare_delays(pass& p, thread_pool& pool) {
  const auto connections = p.net->connections();
  p.delayed.resize(connections.size());
  for (std::size_t k = 0; k < connections.size(); ++k) {
    if (connections[k].has_delays()) {
      prepare(p, connections[k], p.delayed[k], pool);
    }
  }
}

void start_gathering_delayed(const pass& p, gather_plan& plan) {
  plan.delayed.resize(p.delayed.size());
  memory_plan take = memory_plan::take();
  for (std::size_t k = 0; k < p.delayed.size(); ++k) {
    plan_sums(take, plan.delayed[k], p.net->connections()[k], p.delayed[k]);
  }
}

void finish_gathering_delayed(const pass& p, thread_pool& pool, const gather_plan& plan, arena<float>& gradient) {
  const auto connections = p.net->connections();
  for (std::size_t k = 0; k < connections.size(); ++k) {
    if (connections[k].has_delays()) {
      finish(p, connections[k], p.delayed[k], plan.delayed[k].sums, pool, gradient);
    }
  }
}

}  // namespace backspike
