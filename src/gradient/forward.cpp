#include "gradient/bits.hpp"
#include "gradient/pass.hpp"

#include <algorithm>

namespace backspike {
namespace {

/// One window of a sample on its way through the network.
class window_forward {
 public:
  window_forward(const pass& p, chunk& c, std::size_t i, worker_scratch& w, bool backward)
      : p_(p), c_(c), i_(i), w_(w), backward_(backward), steps_(c.ranges[i].steps()) {}

  void run() {
    for (const block& b : p_.net->blocks()) {
      for (const std::size_t q : b.populations) {
        fill_bias(q);
        add_inputs(q);
      }
      b.recurrent ? step_by_step(b) : whole_range(b.populations.front());
      for (const std::size_t q : b.populations) {
        compact(q);
      }
    }
    write_spiking_output(p_.net->populations().size() - 1);
  }

 private:
  const population& at(std::size_t q) const { return p_.net->populations()[q]; }
  float* current(std::size_t q, std::size_t t) const {
    return c_.current[q].data() + (c_.first_row[i_] + t) * at(q).width;
  }

  void fill_bias(std::size_t q) {
    const std::size_t width = at(q).width;
    std::fill_n(current(q, 0), steps_ * width, 0.0f);
    for (const connection& c : p_.net->connections()) {
      if (c.target == q && c.bias != no_parameter) {
        const float* bias = p_.parameters->view(c.bias).data;
        for (std::size_t t = 0; t < steps_; ++t) {
          std::copy_n(bias, at(q).units, current(q, t));
        }
      }
    }
  }

  /// Connections from outside the block: over the whole range at once.
  void add_inputs(std::size_t q) {
    for (std::size_t k = 0; k < p_.net->connections().size(); ++k) {
      const connection& c = p_.net->connections()[k];
      if (c.target != q || c.delay != 0) {
        continue;
      }
      if (c.source == network_input) {
        add_network_input(k);
        continue;
      }
      for (std::size_t t = 0; t < steps_; ++t) {
        const auto channels = c_.slots[i_].spikes[c.source].row(t).channels;
        add_rows(c, t, channels.data(), nullptr, channels.size());
      }
    }
  }

  void add_network_input(std::size_t k) {
    const connection& c = p_.net->connections()[k];
    const std::uint64_t first = c_.data->inputs.sample_rows[c_.samples[i_]] + c_.ranges[i_].begin;
    w_.steps.clear();
    for (std::size_t t = 0; t < steps_; ++t) {
      const event_row row = c_.data->inputs.spikes.row(first + t);
      if (row.channels.size() >= p_.dense_from) {
        w_.steps.push_back(static_cast<std::uint32_t>(t));
      } else {
        add_rows(c, t, row.channels.data(), row.values.empty() ? nullptr : row.values.data(), row.channels.size());
      }
    }
    constexpr std::size_t piece = 112;  // steps that are written out as rows at a time
    for (std::size_t begin = 0; begin < w_.steps.size(); begin += piece) {
      multiply(k, first, std::span(w_.steps).subspan(begin, std::min(piece, w_.steps.size() - begin)));
    }
  }

  void multiply(std::size_t k, std::uint64_t first, std::span<const std::uint32_t> steps) {
    const std::size_t inputs = c_.data->channels;
    w_.dense.assign(steps.size() * inputs, 0.0f);
    float* dense = w_.dense.data();
    for (const std::uint32_t t : steps) {
      const event_row row = c_.data->inputs.spikes.row(first + t);
      for (std::size_t e = 0; e < row.channels.size(); ++e) {
        dense[row.channels[e]] = row.values.empty() ? 1.0f : row.values[e];
      }
      w_.rows.add(current(p_.net->connections()[k].target, t), dense);
      dense += inputs;
    }
    w_.rows.multiply(*p_.kernels, p_.forward[k]);
  }

  void add_rows(const connection& c, std::size_t t, const std::uint32_t* ids, const float* values, std::size_t n) {
    if (n > 0) {
      const auto weight = p_.parameters->view(c.weight);
      p_.kernels->accumulate({current(c.target, t), weight.data, weight.stride, at(c.target).width, ids, values, n});
    }
  }

  cell_scan scan_of(std::size_t q, std::size_t t, std::size_t steps) const {
    population_scratch& s = w_.populations[q];
    const std::size_t width = at(q).width, tiles = width / lanes;
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

  void step_by_step(const block& b) {
    for (std::size_t t = 0; t < steps_; ++t) {
      for (const connection& c : p_.net->connections()) {
        const bool inside = std::ranges::find(b.populations, c.target) != b.populations.end();
        if (inside && c.delay == 1) {
          std::uint32_t* active = w_.populations[c.source].active.data();
          add_rows(c, t, active, nullptr, t > 0 ? active_at(c.source, t - 1, active) : active_before(c.source, active));
        }
      }
      for (const std::size_t q : b.populations) {
        p_.kernels->of(*at(q).cell).forward(scan_of(q, t, 1));
      }
    }
  }

  /// Writes the channels that spiked at step t, ascending; returns how many.
  std::size_t active_at(std::size_t q, std::size_t t, std::uint32_t* out) const {
    return set_positions(w_.populations[q].spikes.data() + t * at(q).width / lanes, at(q).units, out);
  }

  /// The same for the step before the window.
  std::size_t active_before(std::size_t q, std::uint32_t* out) const {
    return set_positions(c_.slots[i_].before.data() + p_.carry->words[q], at(q).units, out);
  }

  void compact(std::size_t q) {
    events& e = c_.slots[i_].spikes[q];
    e.clear();
    if (!at(q).cell->spiking) {
      return;
    }
    std::uint32_t* active = w_.populations[q].active.data();
    for (std::size_t t = 0; t < steps_; ++t) {
      const std::size_t n = active_at(q, t, active);
      e.channels.insert(e.channels.end(), active, active + n);
      e.end_row();
    }
  }

  /// A readout of spikes: the trace of 0 and 1 that the objective reads.
  void write_spiking_output(std::size_t q) {
    if (!at(q).cell->spiking) {
      return;
    }
    float* out = w_.populations[q].output.data();
    std::fill_n(out, steps_ * at(q).width, 0.0f);
    for (std::size_t t = 0; t < steps_; ++t) {
      for (const std::uint32_t n : c_.slots[i_].spikes[q].row(t).channels) {
        out[t * at(q).width + n] = 1.0f;
      }
    }
  }

  const pass& p_;
  chunk& c_;
  std::size_t i_;
  worker_scratch& w_;
  bool backward_;
  std::size_t steps_;
};

}  // namespace

void forward_window(const pass& p, chunk& c, std::size_t i, worker_scratch& w, bool backward) {
  window_forward(p, c, i, w, backward).run();
}

}  // namespace backspike
