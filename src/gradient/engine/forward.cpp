// Forward: one window of a sample through all layers, from events to currents, through the cells, to events again.

#include <backspike/core/interruption.hpp>

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/sent_events.hpp"
#include "gradient/engine/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t wide_bytes = 16u << 20;  // of weights that no cache keeps from one sample to the next
constexpr std::size_t tile_bytes = 1u << 20;   // of weights that stay in the second-level cache

bool is_wide(const network& net, const connection& k) {
  return k.comes_from_input() && k.opens && k.is_matrix() && !k.has_delays() && k.base_delay == 0 &&
         k.source_units * net.populations()[k.target].padded_units * sizeof(float) >= wide_bytes;
}

/// One window of a sample on its way through the network.
class window_forward {
 public:
  window_forward(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w, bool backward)
      : p_(p), c_(c), i_(i), w_(w), backward_(backward), steps_(c.ranges[i].steps()) {}

  void run() {
    if (p_.draws.enabled || p_.net->has_parts()) {
      start_own_rows();
    }
    for (const component& b : p_.net->components()) {
      for (const std::size_t q : b.populations) {
        add_inputs(q);
      }
      b.recurrent ? step_by_step(b) : run_whole_range(b.populations.front());
    }
    for (const network_output& o : p_.net->output_list()) {
      o.membrane ? write_membrane(o.population) : write_spiking_output(o.population);
    }
  }

 private:
  const population& at(std::size_t q) const { return p_.net->populations()[q]; }
  const connection& link(std::size_t k) const { return p_.net->connections()[k]; }
  float* current(std::size_t inlet, std::size_t t) const {
    return c_.current[inlet].data() + (c_.first_row[i_] + t) * p_.net->target_of(p_.net->inlets()[inlet]).padded_units;
  }

  /// A connection begins the sum, and no other step has to.
  bool is_opened(std::size_t inlet, std::size_t q) const {
    return std::ranges::any_of(at(q).inputs, [&](std::size_t k) { return link(k).opens && link(k).inlet == inlet; });
  }

  /// Connections from outside the component, over the whole range at once. The first one begins the sum of its inlet.
  void add_inputs(std::size_t q) {
    for (std::size_t i = at(q).first_inlet; i < at(q).first_inlet + at(q).inlets(); ++i) {
      const std::size_t steps = is_opened(i, q) ? 0 : steps_;
      for (std::size_t t = 0; t < steps; ++t) {
        std::copy_n(p_.start_of(i), at(q).padded_units, current(i, t));
      }
    }
    for (const std::size_t k : at(q).inputs) {
      if (link(k).inner) {
        break;  // these come last
      }
      add_input(k, link(k).opens ? p_.start_of(link(k).inlet) : nullptr);
    }
    if (p_.draws.enabled && c_.slots[i_].draws.has_noise(q)) {
      add_noise(q);
    }
  }

  void add_noise(std::size_t q) {
    const auto begin = static_cast<std::uint32_t>(c_.ranges[i_].begin);
    for (std::size_t t = 0; t < steps_; ++t) {
      c_.slots[i_].draws.add_noise(q, begin + static_cast<std::uint32_t>(t), current(at(q).first_inlet, t));
    }
  }

  /// Rows of the window that are not those of the source: of the input all at once, others follow as they are sent.
  void start_own_rows() {
    sample_slot& slot = c_.slots[i_];
    const std::uint64_t first = c_.data->inputs.sample_rows[c_.samples[i_]] + c_.ranges[i_].begin;
    for (const connection& c : p_.net->connections()) {
      slot.own_rows[c.index].clear();
      for (std::size_t t = 0; p_.has_own_rows(c) && c.comes_from_input() && t < steps_; ++t) {
        keep_own_row(c_.data->inputs.spikes.row(first + t), c, slot.draws.factors(c.index), slot.own_rows[c.index]);
      }
    }
  }

  /// The row of step t of population q, for each of its connections that dropout acts on.
  void mask_row(std::size_t q, std::size_t t) {
    sample_slot& slot = c_.slots[i_];
    for (const connection& c : p_.net->connections()) {
      if (c.masked && c.source == q) {
        keep_own_row(slot.spikes[q].row(t), c, slot.draws.factors(c.index), slot.own_rows[c.index]);
      }
    }
  }

  /// from: what the sum starts with; null: what is there.
  void add_input(std::size_t k, const float* from) {
    const connection& c = link(k);
    if (c.has_delays()) {
      add_delayed(p_, c_, i_, k, w_, from);
    } else if (c.comes_from_input()) {
      add_network_input(k, from);
    } else {
      for (std::size_t t = 0; t < steps_; ++t) {
        check_interruption_at(t);
        add_rows(k, t, sent(c, t), from);
      }
    }
  }

  void add_network_input(std::size_t k, const float* from) {
    const connection& c = link(k);
    w_.steps.clear();
    for (std::size_t t = 0; t < steps_; ++t) {
      check_interruption_at(t);
      const event_row row = sent(c, t);
      if (row.channels.size() >= p_.dense_from && c.is_matrix()) {
        if (from != nullptr) {
          std::copy_n(from, at(c.target).padded_units, current(c.inlet, t));
        }
        w_.steps.push_back(static_cast<std::uint32_t>(t));
      } else if (!(c_.inputs_added && is_wide(*p_.net, c) && !p_.has_own_rows(c))) {
        add_rows(k, t, row, from);
      }
    }
    for (std::size_t begin = 0; begin < w_.steps.size(); begin += dense_steps_together) {
      multiply(k, std::span(w_.steps).subspan(begin, std::min(dense_steps_together, w_.steps.size() - begin)));
    }
  }

  void multiply(std::size_t k, std::span<const std::uint32_t> steps) {
    const std::size_t stride = spread_stride(c_.data->channels);
    w_.dense.assign(steps.size() * stride, 0.0f);
    float* dense = w_.dense.data();
    for (const std::uint32_t t : steps) {
      const event_row row = sent(link(k), t);
      for (std::size_t e = 0; e < row.channels.size(); ++e) {
        dense[row.channels[e]] = row.values.empty() ? 1.0f : row.values[e];
      }
      w_.rows.add(current(link(k).inlet, t), dense);
      dense += stride;
    }
    w_.rows.multiply(*p_.kernels, p_.forward[k]);
  }

  /// from: what the sum starts with; null: what is there.
  void add_rows(std::size_t k, std::size_t t, const event_row& row, const float* from) {
    const connection& c = link(k);
    const auto weight = p_.parameters->view(c.weight);
    const std::size_t width = at(c.target).padded_units, n = row.channels.size();
    if (!c.is_matrix()) {
      if (from != nullptr) {
        std::copy_n(from, width, current(c.inlet, t));
      }
      has_patches(c) ? p_.patches[k].add(*p_.patch_kernels, weight.data, row, current(c.inlet, t))
                     : p_.tables[k].add(weight.data, row, current(c.inlet, t));
    } else if (n > 0 || from != nullptr) {
      p_.kernels->accumulate({current(c.inlet, t), weight.data, weight.stride, width, row.channels.data(),
                              row.values.empty() ? nullptr : row.values.data(), n, from});
    }
  }

  /// What arrives over a connection in step t; a row of before the window is good until the next call for its source.
  event_row sent(const connection& c, std::size_t t) {
    if (c.comes_from_input()) {
      return sent_events(p_, c_, i_, c, t, {w_.input_ids.data(), w_.input_values.data()});
    }
    population_scratch& s = w_.populations[c.source];
    return sent_events(p_, c_, i_, c, t, {s.active.data(), s.active_values.data()});
  }

  cell_scan scan_of(std::size_t q, std::size_t t, std::size_t steps) const {
    population_scratch& s = w_.populations[q];
    const std::size_t width = at(q).padded_units, tiles = width / lanes;
    cell_scan a;
    a.steps = steps;
    a.width = width;
    a.constants = p_.constants[q].data();
    a.state = s.state.data();
    for (std::size_t r = 0; r < at(q).inlets(); ++r) {
      a.current[r] = current(at(q).first_inlet + r, t);
    }
    const bool keeps = backward_ || at(q).shows_membrane;
    a.trajectory = keeps ? s.trajectory.data() + t * at(q).cell->states.size() * width : nullptr;
    a.output = at(q).cell->spiking ? nullptr : s.output.data() + t * width;
    if (at(q).cell->spiking) {
      a.spikes = s.spikes.data() + t * tiles;
      const bool compact = has_compact_support(at(q).spec.surrogate.kind);
      a.support = backward_ && compact ? s.support.data() + t * tiles : nullptr;
    }
    a.spike = p_.spike_of(q);
    return a;
  }

  void whole_range(std::size_t q) { p_.kernels->of(*at(q).cell).forward(scan_of(q, 0, steps_)); }

  void step_by_step(const component& b) {
    for (const std::size_t q : b.populations) {
      clear_events(q);
      for (const std::size_t k : at(q).inputs) {
        if (is_delayed_loop(k)) {
          delayed_loop(p_, c_, i_, k, w_).start();
        }
      }
    }
    for (std::size_t t = 0; t < steps_; ++t) {
      check_interruption_at(t);
      for (const std::size_t q : b.populations) {
        add_inner(q, t);
        p_.kernels->of(*at(q).cell).forward(scan_of(q, t, 1));
        append_row(q, t);
        send_late(b, q, t);
      }
    }
  }

  bool is_delayed_loop(std::size_t k) const { return link(k).inner && link(k).has_delays(); }

  /// What comes from the population's own component.
  void add_inner(std::size_t q, std::size_t t) {
    for (const std::size_t k : at(q).inputs) {
      if (is_delayed_loop(k)) {
        delayed_loop(p_, c_, i_, k, w_).arrive(t);
      } else if (link(k).inner) {
        add_rows(k, t, sent(link(k), t), nullptr);
      }
    }
  }

  /// Over the delays within a component.
  void send_late(const component& b, std::size_t source, std::size_t t) {
    for (const std::size_t q : b.populations) {
      for (const std::size_t k : at(q).inputs) {
        if (is_delayed_loop(k) && link(k).source == source) {
          delayed_loop(p_, c_, i_, k, w_).depart(t);
        }
      }
    }
  }

  void clear_events(std::size_t q) { c_.slots[i_].spikes[q].clear(); }

  /// From the bits or the values of step t to a row of events.
  void append_row(std::size_t q, std::size_t t) {
    events& e = c_.slots[i_].spikes[q];
    population_scratch& s = w_.populations[q];
    std::uint32_t* active = s.active.data();
    const std::size_t width = at(q).padded_units;
    if (at(q).cell->spiking) {
      const std::size_t n = p_.kernels->compact_spikes(s.spikes.data() + t * width / lanes, at(q).units, active);
      e.channels.insert(e.channels.end(), active, active + n);
      e.end_row();
    } else if (at(q).sends) {
      float* values = s.active_values.data();
      const std::size_t n = p_.kernels->nonzeros({s.output.data() + t * width, at(q).units, active, values}).count;
      e.channels.insert(e.channels.end(), active, active + n);
      e.values.insert(e.values.end(), values, values + n);
      e.end_row();
    }
    if (p_.draws.enabled && at(q).masked) {
      mask_row(q, t);
    }
  }

  void run_whole_range(std::size_t q) {
    whole_range(q);
    clear_events(q);
    for (std::size_t t = 0; t < steps_; ++t) {
      append_row(q, t);
    }
  }

  /// An output of spikes: the trace of 0 and 1 that the objective reads.
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

  /// An output whose membrane is read: the states after each step are those before the next.
  void write_membrane(std::size_t q) {
    population_scratch& s = w_.populations[q];
    const std::size_t width = at(q).padded_units, row = at(q).cell->states.size() * width;
    for (std::size_t t = 0; t < steps_; ++t) {
      const float* after = t + 1 < steps_ ? s.trajectory.data() + (t + 1) * row : s.state.data();
      std::copy_n(after + at(q).cell->membrane() * width, width, s.membrane.data() + t * width);
    }
  }

  const pass& p_;
  in_flight_batch& c_;
  std::size_t i_;
  worker_scratch& w_;
  bool backward_;
  std::size_t steps_;
};

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
  const float* start = p.start_of(k.inlet);
  for (std::size_t i = 0; i < c.samples.size(); ++i) {
    const std::uint64_t first = c.data->inputs.sample_rows[c.samples[i]] + c.ranges[i].begin;
    for (std::size_t t = 0; t < c.ranges[i].steps(); ++t) {
      const event_row row = c.data->inputs.spikes.row(first + t);
      if (row.channels.size() < p.dense_from) {
        p.kernels->accumulate({c.current[k.inlet].data() + (c.first_row[i] + t) * width + column, tile.data(), columns,
                               columns, row.channels.data(), row.values.empty() ? nullptr : row.values.data(),
                               row.channels.size(), start + column});
      }
    }
  }
}

}  // namespace

void plan_wide_tile(memory_plan& m, aligned_vector<float>& tile, const network& net) {
  for (const connection& k : net.connections()) {
    m.grow(tile, is_wide(net, k) ? k.source_units * tile_of(k.source_units) : 0);
  }
}

void add_wide_inputs(const pass& p, in_flight_batch& c, thread_pool& pool, std::span<aligned_vector<float>> tiles) {
  c.inputs_added = false;
  for (const connection& k : p.net->connections()) {
    if (is_wide(*p.net, k) && !p.has_own_rows(k)) {
      const std::size_t tile = tile_of(k.source_units), width = p.net->populations()[k.target].padded_units;
      const std::size_t count = (width + tile - 1) / tile;
      pool.for_each(count, [&](std::size_t j, std::size_t worker) { add_tile(p, c, k, j * tile, tiles[worker]); });
      c.inputs_added = true;
    }
  }
}

void forward_window(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w, bool backward) {
  window_forward(p, c, i, w, backward).run();
}

}  // namespace backspike
