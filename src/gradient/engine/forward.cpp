// Forward: one window of a sample through all layers, from events to currents, through the cells, to events again.

#include <backspike/core/interruption.hpp>

#include "gradient/connection/delayed.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>
#include <optional>

namespace backspike {
namespace {

/// One window of a sample on its way through the network.
class window_forward {
 public:
  window_forward(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w, bool backward)
      : p_(p), c_(c), i_(i), w_(w), backward_(backward), steps_(c.ranges[i].steps()) {}

  void run() {
    for (const component& b : p_.net->components()) {
      for (const std::size_t q : b.populations) {
        add_inputs(q);
      }
      b.recurrent ? step_by_step(b) : run_whole_range(b.populations.front());
    }
    write_spiking_output(p_.net->populations().size() - 1);
  }

 private:
  const population& at(std::size_t q) const { return p_.net->populations()[q]; }
  float* current(std::size_t q, std::size_t t) const {
    return c_.current[q].data() + (c_.first_row[i_] + t) * at(q).padded_units;
  }

  /// What a population's current is before any spike arrives: its bias, or zeros.
  const float* start_of(const connection& c) const {
    return c.bias == no_parameter ? p_.zeros.data() : p_.parameters->view(c.bias).data;
  }

  /// Connections from outside the component: over the whole range at once. Every population has one of them.
  void add_inputs(std::size_t q) {
    for (std::size_t k = 0; k < p_.net->connections().size(); ++k) {
      const connection& c = p_.net->connections()[k];
      if (c.target != q || c.base_delay != 0) {
        continue;
      }
      if (c.has_delays()) {
        add_delayed(p_, c_, i_, k, w_, start_of(c));
        continue;
      }
      if (c.source == network_input) {
        add_network_input(k);
        continue;
      }
      for (std::size_t t = 0; t < steps_; ++t) {
        check_interruption_at(t);
        const auto channels = c_.slots[i_].spikes[c.source].row(t).channels;
        add_rows(c, t, channels.data(), nullptr, channels.size(), start_of(c));
      }
    }
  }

  void add_network_input(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    const std::uint64_t first = c_.data->inputs.sample_rows[c_.samples[i_]] + c_.ranges[i_].begin;
    w_.steps.clear();
    for (std::size_t t = 0; t < steps_; ++t) {
      check_interruption_at(t);
      const event_row row = c_.data->inputs.spikes.row(first + t);
      if (row.channels.size() >= p_.dense_from) {
        std::copy_n(start_of(c), at(c.target).padded_units, current(c.target, t));
        w_.steps.push_back(static_cast<std::uint32_t>(t));
      } else if (!c_.inputs_added) {
        add_rows(c, t, row.channels.data(), row.values.empty() ? nullptr : row.values.data(), row.channels.size(),
                 start_of(c));
      }
    }
    for (std::size_t begin = 0; begin < w_.steps.size(); begin += dense_steps_together) {
      multiply(k, first, std::span(w_.steps).subspan(begin, std::min(dense_steps_together, w_.steps.size() - begin)));
    }
  }

  void multiply(std::size_t k, std::uint64_t first, std::span<const std::uint32_t> steps) {
    const std::size_t stride = spread_stride(c_.data->channels);
    w_.dense.assign(steps.size() * stride, 0.0f);
    float* dense = w_.dense.data();
    for (const std::uint32_t t : steps) {
      const event_row row = c_.data->inputs.spikes.row(first + t);
      for (std::size_t e = 0; e < row.channels.size(); ++e) {
        dense[row.channels[e]] = row.values.empty() ? 1.0f : row.values[e];
      }
      w_.rows.add(current(p_.net->connections()[k].target, t), dense);
      dense += stride;
    }
    w_.rows.multiply(*p_.kernels, p_.forward[k]);
  }

  /// from: what the sum starts with; null: what is there.
  void add_rows(const connection& c, std::size_t t, const std::uint32_t* ids, const float* values, std::size_t n,
                const float* from) {
    if (n > 0 || from != nullptr) {
      const auto weight = p_.parameters->view(c.weight);
      p_.kernels->accumulate(
          {current(c.target, t), weight.data, weight.stride, at(c.target).padded_units, ids, values, n, from});
    }
  }

  cell_scan scan_of(std::size_t q, std::size_t t, std::size_t steps) const {
    population_scratch& s = w_.populations[q];
    const std::size_t width = at(q).padded_units, tiles = width / lanes;
    const bool last = q + 1 == w_.populations.size();
    cell_scan a;
    a.steps = steps;
    a.width = width;
    a.constants = p_.constants[q].data();
    a.state = s.state.data();
    a.current = current(q, t);
    a.trajectory = backward_ ? s.trajectory.data() + t * at(q).cell->states.size() * width : nullptr;
    a.output = last && !at(q).cell->spiking ? s.output.data() + t * width : nullptr;
    if (at(q).cell->spiking) {
      a.spikes = s.spikes.data() + t * tiles;
      const bool compact = has_compact_support(at(q).spec.surrogate.kind);
      a.support = backward_ && compact ? s.support.data() + t * tiles : nullptr;
    }
    a.spike = p_.spike_of(q);
    return a;
  }

  void whole_range(std::size_t q) { p_.kernels->of(*at(q).cell).forward(scan_of(q, 0, steps_)); }

  static bool is_inside(const connection& c, const component& b) {
    return c.base_delay == 1 && std::ranges::find(b.populations, c.target) != b.populations.end();
  }

  /// The delays of a component's loop, if it has them: a component with delays is one population with one loop.
  std::optional<delayed_loop> loop_of(const component& b) {
    for (std::size_t k = 0; k < p_.net->connections().size(); ++k) {
      if (is_inside(p_.net->connections()[k], b) && p_.net->connections()[k].has_delays()) {
        return std::optional<delayed_loop>(std::in_place, p_, c_, i_, k, w_);
      }
    }
    return std::nullopt;
  }

  void step_by_step(const component& b) {
    for (const std::size_t q : b.populations) {
      c_.slots[i_].spikes[q].clear();
    }
    std::optional<delayed_loop> delayed = loop_of(b);
    for (std::size_t t = 0; t < steps_; ++t) {
      check_interruption_at(t);
      for (const connection& c : p_.net->connections()) {
        if (!is_inside(c, b)) {
          continue;
        }
        if (c.has_delays()) {
          delayed->arrive(t);
        } else {
          const auto before = spikes_before(c.source, t);
          add_rows(c, t, before.data(), nullptr, before.size(), nullptr);
        }
      }
      for (const std::size_t q : b.populations) {
        p_.kernels->of(*at(q).cell).forward(scan_of(q, t, 1));
        append_row(q, t);
      }
      if (delayed) {
        delayed->depart(t);
      }
    }
  }

  /// The channels that spiked one step before step t of the window.
  std::span<const std::uint32_t> spikes_before(std::size_t q, std::size_t t) {
    if (t > 0) {
      return c_.slots[i_].spikes[q].row(t - 1).channels;
    }
    std::uint32_t* active = w_.populations[q].active.data();
    return {active, p_.kernels->compact_spikes(c_.slots[i_].before.data() + p_.carry->words[q], at(q).units, active)};
  }

  /// From the bits of step t to a row of events.
  void append_row(std::size_t q, std::size_t t) {
    if (at(q).cell->spiking) {
      std::uint32_t* active = w_.populations[q].active.data();
      const std::uint16_t* words = w_.populations[q].spikes.data() + t * at(q).padded_units / lanes;
      const std::size_t n = p_.kernels->compact_spikes(words, at(q).units, active);
      events& e = c_.slots[i_].spikes[q];
      e.channels.insert(e.channels.end(), active, active + n);
      e.end_row();
    }
  }

  void run_whole_range(std::size_t q) {
    whole_range(q);
    c_.slots[i_].spikes[q].clear();
    for (std::size_t t = 0; t < steps_; ++t) {
      append_row(q, t);
    }
  }

  /// A readout of spikes: the trace of 0 and 1 that the objective reads.
  void write_spiking_output(std::size_t q) {
    if (!at(q).cell->spiking) {
      return;
    }
    float* out = w_.populations[q].output.data();
    std::fill_n(out, steps_ * at(q).padded_units, 0.0f);
    for (std::size_t t = 0; t < steps_; ++t) {
      for (const std::uint32_t n : c_.slots[i_].spikes[q].row(t).channels) {
        out[t * at(q).padded_units + n] = 1.0f;
      }
    }
  }

  const pass& p_;
  in_flight_batch& c_;
  std::size_t i_;
  worker_scratch& w_;
  bool backward_;
  std::size_t steps_;
};

constexpr std::size_t wide_bytes = 16u << 20;  // of weights that no cache keeps from one sample to the next
constexpr std::size_t tile_bytes = 1u << 20;   // of weights that stay in the second-level cache

bool is_wide(const network& net, const connection& k) {
  return k.source == network_input && !k.has_delays() &&
         k.source_units * net.populations()[k.target].padded_units * sizeof(float) >= wide_bytes;
}

/// Columns of a tile: at least four vectors, so that a row's address costs little beside it.
std::size_t tile_of(std::size_t inputs) {
  return std::clamp<std::size_t>(tile_bytes / sizeof(float) / inputs / lanes, 4, 16) * lanes;
}

/// All steps of the samples in flight for some columns of the weights, which are then fetched once for all samples.
/// They are copied to one place: rows of a wide layer are a power of two apart, and share few places of a cache.
void add_tile(const pass& p, in_flight_batch& c, const connection& k, std::size_t column, aligned_vector<float>& tile) {
  const auto weight = p.parameters->view(k.weight);
  const std::size_t width = p.net->populations()[k.target].padded_units;
  const std::size_t columns = std::min(tile_of(weight.rows), width - column);
  for (std::size_t s = 0; s < weight.rows; ++s) {
    std::copy_n(weight.row(s) + column, columns, tile.data() + s * columns);
  }
  const float* start = k.bias == no_parameter ? p.zeros.data() : p.parameters->view(k.bias).data;
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    const std::uint64_t first = c.data->inputs.sample_rows[c.samples[i]] + c.ranges[i].begin;
    for (std::size_t t = 0; t < c.ranges[i].steps(); ++t) {
      const event_row row = c.data->inputs.spikes.row(first + t);
      if (row.channels.size() < p.dense_from) {
        p.kernels->accumulate({c.current[k.target].data() + (c.first_row[i] + t) * width + column, tile.data(), columns,
                               columns, row.channels.data(), row.values.empty() ? nullptr : row.values.data(),
                               row.channels.size(), start + column});
      }
    }
  }
}

}  // namespace

void plan_wide_tile(memory_plan& m, aligned_vector<float>& tile, const network& net) {
  for (const connection& k : net.connections()) {  // one of them comes from the input
    m.grow(tile, is_wide(net, k) ? k.source_units * tile_of(k.source_units) : 0);
  }
}

void add_wide_inputs(const pass& p, in_flight_batch& c, thread_pool& pool, std::span<aligned_vector<float>> tiles) {
  c.inputs_added = false;
  for (const connection& k : p.net->connections()) {
    if (is_wide(*p.net, k)) {
      const std::size_t tile = tile_of(k.source_units), width = p.net->populations()[k.target].padded_units;
      const std::size_t count = (width + tile - 1) / tile;
      pool.for_each(count, [&](std::size_t j, std::size_t worker) { add_tile(p, c, k, j * tile, tiles[worker]); });
      c.inputs_added = true;  // one connection comes from the input
    }
  }
}

void forward_window(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w, bool backward) {
  window_forward(p, c, i, w, backward).run();
}

}  // namespace backspike
