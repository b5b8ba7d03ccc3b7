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

/// Targets that a source does not reach have taps of zero.
void fill_row(const pass& p, const connection& c, delayed_taps& d, std::size_t source) {
  synapse_kernel<float> kernel(c, *p.parameters, false);
  const auto weights = p.parameters->view(c.weight);
  float* row = d.taps.data() + source * d.targets * d.lanes;
  std::fill_n(row, d.targets * d.lanes, 0.0f);
  each_synapse(c, source, [&](const synapse& s) {
    kernel.move_to(source, s);
    const std::size_t first = first_tap(c, d, kernel.window());
    d.first[source * d.targets + s.target] = d.first_by_target[s.target * c.source_units + source] =
        static_cast<std::uint32_t>(first);
    const double weight = static_cast<double>(weights(s.row, s.column)) * s.factor;
    for (std::size_t k = 0; k < kernel.window().count; ++k) {
      row[s.target * d.lanes + kernel.window().first - first + k] = static_cast<float>(weight * kernel.value(k));
    }
  });
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

/// sum: over the taps of one synapse.
synapse_gradient pull_back(const delayed_taps& d, const connection& c, synapse_kernel<float>& kernel, const float* sum,
                           std::size_t source, const synapse& s, double weight) {
  kernel.move_to(source, s);
  sum += kernel.window().first - first_tap(c, d, kernel.window());
  synapse_gradient g;
  for (std::size_t k = 0; k < kernel.window().count; ++k) {
    g.weight += kernel.value(k) * static_cast<double>(sum[k]);
    g.delay += kernel.by_delay(k) * static_cast<double>(sum[k]);
    g.width += kernel.by_width(k) * static_cast<double>(sum[k]);
  }
  g.delay *= weight * s.factor;
  g.width *= weight * s.factor;
  g.weight *= s.factor;
  return g;
}

/// Where the gradients of one connection go.
struct delayed_gradients {
  matrix_view<float> weights, delays, widths;
  bool learns_weight, learns_delay, learns_width;

  delayed_gradients(const pass& p, const connection& c, arena<float>& gradient)
      : weights(gradient.view(c.weight)),
        delays(gradient.view(c.delay_parameter)),
        learns_weight(p.net->parameters()[c.weight].learnable),
        learns_delay(c.late.learn && p.signals == nullptr),  // under e-prop delays stand still
        learns_width(c.kernel_width_parameter != no_parameter && c.late.width.learn && p.signals == nullptr) {
    if (learns_width) {
      widths = gradient.view(c.kernel_width_parameter);
    }
  }

  void add_weight(const synapse& s, const synapse_gradient& g) const {
    if (learns_weight) {
      weights(s.row, s.column) += static_cast<float>(g.weight);
    }
  }
  void add(std::size_t row, std::size_t column, const synapse_gradient& g) const {
    if (learns_delay) {
      delays(row, column) += static_cast<float>(g.delay);
    }
    if (learns_width) {
      widths(row, column) += static_cast<float>(g.width);
    }
  }
};

/// One owner for each delay: the rows of a source, or, where targets own them, the columns of a target.
void finish_matrix(const pass& p, const connection& c, const delayed_taps& d, const aligned_vector<float>& sums,
                   thread_pool& pool, const delayed_gradients& into) {
  const bool by_target = c.late.per == delay_sharing::target;
  const std::size_t owners = by_target ? d.targets : c.source_units, others = by_target ? c.source_units : d.targets;
  const auto weight = p.parameters->view(c.weight);
  pool.for_each(owners, [&](std::size_t owner, std::size_t) {
    synapse_kernel<float> kernel(c, *p.parameters, true);
    synapse_gradient total;
    for (std::size_t other = 0; other < others; ++other) {
      const std::size_t i = by_target ? other : owner, j = by_target ? owner : other;
      const synapse s{static_cast<std::uint32_t>(j), static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j)};
      const synapse_gradient g = pull_back(d, c, kernel, sums.data() + (j * c.source_units + i) * d.lanes, i, s,
                                           static_cast<double>(weight(i, j)));
      into.add_weight(s, g);
      const bool shared = c.late.per != delay_sharing::synapse;
      total.delay = shared ? total.delay + g.delay : g.delay;
      total.width = shared ? total.width + g.width : g.width;
      if (!shared || other + 1 == others) {
        into.add(c.delay_row(s), c.delay_column(i, s), total);
      }
    }
  });
}

/// Any kind, synapse by synapse: who shares a number with whom only the kind knows.
void finish_listed(const pass& p, const connection& c, const delayed_taps& d, const aligned_vector<float>& sums,
                   const delayed_gradients& into) {
  synapse_kernel<float> kernel(c, *p.parameters, true);
  const auto weight = p.parameters->view(c.weight);
  each_synapse(c, [&](std::uint32_t i, const synapse& s) {
    const synapse_gradient g = pull_back(d, c, kernel, sums.data() + (s.target * c.source_units + i) * d.lanes, i, s,
                                         static_cast<double>(weight(s.row, s.column)));
    into.add_weight(s, g);
    into.add(c.delay_row(s), c.delay_column(i, s), g);
  });
}

void finish(const pass& p, const connection& c, const delayed_taps& d, const aligned_vector<float>& sums,
            thread_pool& pool, arena<float>& gradient) {
  const delayed_gradients into(p, c, gradient);
  c.is_matrix() ? finish_matrix(p, c, d, sums, pool, into) : finish_listed(p, c, d, sums, into);
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
