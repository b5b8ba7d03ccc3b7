// The gradients of delayed connections: what each spike's arrival was worth, summed for every tap of every synapse.
// delayed_taps.cpp turns these sums into gradients of weights, delays and widths.

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/delayed_events.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// Calls f(row of events, where on a line it sets out) for what may have reached the window, in the order of the sums.
template <class F>
void for_each_row(const pass& p, const in_flight_batch& c, std::size_t k, bool with_before, gather_worker& w,
                  const F& f) {
  const connection& connection = p.net->connections()[k];
  std::ptrdiff_t end = 0, begin = 0;
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    const delayed_events events(p, c, i, k, w.before, w.before_values);
    end = std::max(end, static_cast<std::ptrdiff_t>(c.ranges[i].steps()));
    begin = with_before ? std::min(begin, -events.before()) : 0;
  }
  for (std::ptrdiff_t t = end; t-- > begin;) {
    for (std::size_t i = 0; i < c.samples.size(); ++i) {
      const delayed_events events(p, c, i, k, w.before, w.before_values);
      if (t < static_cast<std::ptrdiff_t>(c.ranges[i].steps()) && t >= -events.before() && c.ranges[i].steps() > 0) {
        f(events.row(t),
          static_cast<std::uint32_t>(static_cast<std::ptrdiff_t>(c.line[i] + connection.base_delay) + t));
      }
    }
  }
}

/// A counting sort that keeps the order.
void sort_by_source(const pass& p, const in_flight_batch& c, std::size_t k, bool with_before, delayed_sums& out,
                    gather_worker& w) {
  const connection& connection = p.net->connections()[k];
  const bool graded = is_graded(p, c, connection);
  out.begin.assign(connection.source_units + 1, 0);
  for_each_row(p, c, k, with_before, w, [&](const event_row& row, std::uint32_t) {
    for (const std::uint32_t channel : row.channels) {
      ++out.begin[channel + 1];
    }
  });
  for (std::size_t s = 0; s < connection.source_units; ++s) {
    out.begin[s + 1] += out.begin[s];
  }
  w.next.assign(out.begin.begin(), out.begin.end() - 1);
  out.at.resize(out.begin.back());
  out.values.resize(graded ? out.at.size() : 0);
  for_each_row(p, c, k, with_before, w, [&](const event_row& row, std::uint32_t at) {
    for (std::size_t e = 0; e < row.channels.size(); ++e) {
      const std::size_t to = w.next[row.channels[e]]++;
      out.at[to] = at;
      if (graded) {
        out.values[to] = row.values[e];
      }
    }
  });
}

constexpr std::size_t targets_together = 4;

/// A few targets at a time: their lines stay in a near cache while all sources pass over them.
void add_sums(const pass& p, const in_flight_batch& c, std::size_t k, thread_pool& pool, delayed_sums& d) {
  const connection& connection = p.net->connections()[k];
  const delayed_taps& taps = p.delayed[k];
  const std::size_t sources = connection.source_units;
  pool.for_each((taps.targets + targets_together - 1) / targets_together, [&](std::size_t group, std::size_t) {
    const std::size_t j = group * targets_together, targets = std::min(targets_together, taps.targets - j);
    p.kernels->tap_gather({d.sums.data() + j * sources * taps.lanes, taps.first_by_target.data() + j * sources,
                           d.begin.data(), sources, targets, taps.lanes,
                           c.lines[connection.inlet].data() + j * c.line_stride, c.line_stride, d.at.data(),
                           d.values.empty() ? nullptr : d.values.data()});
  });
}

}  // namespace

void gather_delayed(const pass& p, const in_flight_batch& c, thread_pool& pool, gather_plan& plan) {
  const auto connections = p.net->connections();
  pool.for_each(connections.size(), [&](std::size_t k, std::size_t worker) {
    if (connections[k].has_delays()) {
      sort_by_source(p, c, k, !p.carries_gradient, plan.delayed[k], plan.workers[worker]);
    }
  });
  for (std::size_t k = 0; k < connections.size(); ++k) {
    if (connections[k].has_delays()) {
      add_sums(p, c, k, pool, plan.delayed[k]);
    }
  }
}

}  // namespace backspike
