#pragma once
// What a device does with a trained network: one ring of future currents for each connection, spikes only, one step at
// a time. LIF layers with delays that are whole numbers, and a leaky integrator behind them. Nothing here is taken from
// the engine but the cells' step.

#include "gradient/trial.hpp"

#include <backspike/cell/leaky_integrator.hpp>
#include <backspike/cell/lif.hpp>

#include <vector>

namespace backspike::testing {

/// The currents of max + 1 steps, the present one among them.
class ring_of_currents {
 public:
  ring_of_currents(const network& net, const connection& c, const arena<float>& parameters)
      : c_(c),
        weight_(parameters.view(c.weight)),
        delay_(parameters.view(c.delay_parameter)),
        targets_(net.populations()[c.target].units),
        slots_(c.late.max + 1),
        currents_(slots_ * targets_) {}

  /// A spike, or a graded value, sets out for its targets.
  void depart(std::uint32_t source, float value) {
    for (std::size_t j = 0; j < targets_; ++j) {
      const synapse s{static_cast<std::uint32_t>(j), source, static_cast<std::uint32_t>(j)};
      const auto steps = static_cast<std::size_t>(delay_(c_.delay_row(s), c_.delay_column(source, s)));
      currents_[(now_ + steps) % slots_ * targets_ + j] += value * weight_(source, j);
    }
  }

  /// What is there now, once.
  void arrive(std::vector<float>& current) {
    for (std::size_t j = 0; j < targets_; ++j) {
      float& here = currents_[now_ * targets_ + j];
      current[j] += here;
      here = 0.0f;
    }
    now_ = (now_ + 1) % slots_;
  }

 private:
  const connection& c_;
  matrix_view<const float> weight_, delay_;
  std::size_t targets_, slots_, now_ = 0;
  std::vector<float> currents_;
};

class ring_network {
 public:
  ring_network(const network& net, const arena<float>& parameters) : net_(net), parameters_(parameters) {
    for (const connection& c : net.connections()) {
      rings_.emplace_back(net, c, parameters);
    }
    for (const population& p : net.populations()) {
      spikes_.emplace_back();
      membranes_.emplace_back(p.units);
    }
  }

  /// One step; the readout, [outputs].
  std::vector<float> step(const event_row& input) {
    for (std::size_t q = 0; q < net_.populations().size(); ++q) {
      run_layer(q, input);
    }
    return membranes_.back();
  }
  const std::vector<std::uint32_t>& spikes(std::size_t q) const { return spikes_[q]; }

 private:
  void run_layer(std::size_t q, const event_row& input) {
    std::vector<float> current(net_.populations()[q].units);
    const std::size_t bias = net_.populations()[q].bias;
    for (std::size_t j = 0; bias != no_parameter && j < current.size(); ++j) {
      current[j] += parameters_.view(bias)(0, j);
    }
    for (std::size_t k = 0; k < rings_.size(); ++k) {
      const connection& c = net_.connections()[k];
      if (c.target != q) {
        continue;
      }
      if (c.source == network_input) {
        for (std::size_t e = 0; e < input.channels.size(); ++e) {
          rings_[k].depart(input.channels[e], input.values.empty() ? 1.0f : input.values[e]);
        }
      } else if (c.base_delay == 0 || started_) {  // a loop sends what spiked one step ago
        for (const std::uint32_t s : spikes_[c.source]) {
          rings_[k].depart(s, 1.0f);
        }
      }
      rings_[k].arrive(current);
    }
    run_cells(q, current);
    started_ = started_ || q + 1 == net_.populations().size();
  }

  void run_cells(std::size_t q, const std::vector<float>& current) {
    const population& p = net_.populations()[q];
    const spike_function spike = spike_of(p, spike_mode::hard);
    spikes_[q].clear();
    for (std::size_t n = 0; n < p.units; ++n) {
      std::vector<double> in;
      for (std::size_t k = 0; k < p.parameters.size(); ++k) {
        in.push_back(static_cast<double>(parameters_.view(p.parameters[k])(0, p.column_of(k, n))));
      }
      double c[8];
      p.cell->exact->prepare(in.data(), net_.spec().dt, c);
      const auto number = [&](std::size_t k) { return static_cast<float>(c[k]); };
      float& membrane = membranes_[q][n];
      if (p.cell->spiking) {
        lif::state<float> x{membrane};
        const lif::constants<float> k{number(0), number(1), number(2), number(3)};
        if (lif::step(x, k, current[n], spike) == 1.0f) {
          spikes_[q].push_back(static_cast<std::uint32_t>(n));
        }
        membrane = x.v;
      } else {
        leaky_integrator::state<float> x{membrane};
        leaky_integrator::step(x, leaky_integrator::constants<float>{number(0)}, current[n], spike);
        membrane = x.y;
      }
    }
  }

  const network& net_;
  const arena<float>& parameters_;
  std::vector<ring_of_currents> rings_;
  std::vector<std::vector<std::uint32_t>> spikes_;
  std::vector<std::vector<float>> membranes_;
  bool started_ = false;
};

}  // namespace backspike::testing
