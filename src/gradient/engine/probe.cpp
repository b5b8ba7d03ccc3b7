// Looks inside a batch while it runs, for the health of a network: dead and saturated neurons, the surrogate's support,
// errors over time.

#include "gradient/engine/probe.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// The numbers of one neuron, made once for all steps.
struct neuron_scratch {
  std::vector<double> state, constants, current;
};

/// Neurons of one step of the window whose distance to the threshold is below the surrogate's width.
std::size_t near_threshold(const pass& p, const in_flight_batch& b, std::size_t row, std::size_t q,
                           const float* trajectory, neuron_scratch& scratch) {
  const population& layer = p.net->populations()[q];
  const std::size_t states = layer.cell->states.size();
  const spike_function spike = p.spike_of(q);
  auto& [x, c, in] = scratch;
  std::size_t near = 0;
  for (std::size_t n = 0; n < layer.units; ++n) {
    for (std::size_t k = 0; k < states; ++k) {
      x[k] = static_cast<double>(trajectory[k * layer.padded_units + n]);
    }
    for (std::size_t k = 0; k < c.size(); ++k) {
      c[k] = static_cast<double>(p.constants[q][k * layer.padded_units + n]);
    }
    for (std::size_t r = 0; r < in.size(); ++r) {
      in[r] = static_cast<double>(b.current[layer.first_inlet + r][row * layer.padded_units + n]);
    }
    const double u = layer.cell->exact->distance(x.data(), c.data(), in.data(), spike);
    near += std::fabs(u) < spike.width ? 1 : 0;
  }
  return near;
}

}  // namespace

health_probe::health_probe(const network& net, std::size_t samples, std::size_t longest)
    : longest_(std::max<std::size_t>(longest, 1)), bins_(std::min(longest_, error_bins)), samples_(samples) {
  for (of_sample& s : samples_) {
    s.asked.assign(net.outputs(), false);
    for (const population& q : net.populations()) {
      s.counts.emplace_back(q.units, 0);
      s.in_support.push_back(0);
      s.squares.emplace_back(bins_, 0.0);
    }
  }
}

void health_probe::after_forward(const pass& p, const in_flight_batch& c, std::size_t i, std::size_t loss_begin,
                                 const worker_scratch& w) {
  of_sample& s = samples_[i];
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    const population& layer = p.net->populations()[q];
    neuron_scratch scratch{std::vector<double>(layer.cell->states.size()), std::vector<double>(layer.cell->constants),
                           std::vector<double>(layer.inlets())};
    // Steps before loss_begin belong to another window as well, which counts them.
    for (std::size_t t = loss_begin - c.ranges[i].begin; layer.cell->spiking && t < c.ranges[i].steps(); ++t) {
      for (const std::uint32_t n : c.slots[i].spikes[q].row(t).channels) {
        ++s.counts[q][n];
      }
      s.in_support[q] += near_threshold(
          p, c, c.first_row[i] + t, q,
          w.populations[q].trajectory.data() + t * layer.cell->states.size() * layer.padded_units, scratch);
    }
  }
}

void health_probe::after_objective(const pass& p, const in_flight_batch& c, std::size_t i, const worker_scratch& w) {
  for (const network_output& o : p.net->output_list()) {
    const float* error = w.populations[o.population].error(o).data();
    for (std::size_t t = 0; t < c.ranges[i].steps(); ++t, error += padded(o.units)) {
      for (std::size_t n = 0; n < o.units; ++n) {
        samples_[i].asked[o.first + n] = samples_[i].asked[o.first + n] || error[n] != 0.0f;
      }
    }
  }
}

std::vector<std::uint32_t> health_probe::stuck(const network& net, const network_output& o,
                                               const arena<float>& gradient) const {
  std::vector<bool> moved(o.units, false);
  const population& output = net.populations()[o.population];
  for (std::size_t n = 0; n < moved.size() && output.bias != no_parameter; ++n) {
    moved[n] = gradient.view(output.bias)(0, output.column_of_bias(n)) != 0.0f;
  }
  for (const std::size_t k : output.inputs) {
    const connection& c = net.connections()[k];
    const auto view = gradient.view(c.weight);
    each_synapse(c, [&](std::uint32_t, const synapse& s) {
      moved[s.target] = moved[s.target] || view(s.row, s.column) != 0.0f;
    });
  }
  std::vector<std::uint32_t> found;
  for (std::uint32_t n = 0; n < moved.size(); ++n) {
    const bool asked = std::ranges::any_of(samples_, [&](const of_sample& s) { return s.asked[o.first + n]; });
    if (asked && !moved[n]) {
      found.push_back(n);
    }
  }
  return found;
}

void health_probe::after_backward(const pass& p, const in_flight_batch& c, std::size_t i) {
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    const population& layer = p.net->populations()[q];
    for (std::size_t t = 0; t < c.ranges[i].steps(); ++t) {
      double sum = 0.0;
      for (std::size_t r = 0; r < layer.inlets(); ++r) {
        const float* error = c.current[layer.first_inlet + r].data() + (c.first_row[i] + t) * layer.padded_units;
        for (std::size_t n = 0; n < layer.units; ++n) {
          sum += static_cast<double>(error[n]) * static_cast<double>(error[n]);
        }
      }
      samples_[i].squares[q][bin(c.length(i) - 1 - (c.ranges[i].begin + t))] += sum;
    }
  }
}

std::vector<layer_health> health_probe::result(const pass& p, const in_flight_batch& c,
                                               const arena<float>& gradient) const {
  std::vector<layer_health> layers;
  double steps = 0.0;
  std::vector<double> rows(bins_, 0.0);  // sample-steps in each bin
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    steps += static_cast<double>(c.length(i));
    for (std::size_t t = 0; t < c.length(i); ++t) {
      rows[bin(t)] += 1.0;
    }
  }
  steps = std::max(steps, 1.0);
  const auto per_sample = static_cast<double>(samples_.size());  // the errors are those of the mean over samples
  for (std::size_t q = 0; q < p.net->populations().size(); ++q) {
    const population& layer = p.net->populations()[q];
    const auto units = static_cast<double>(layer.units);
    layer_health h;
    h.name = layer.spec.name;
    h.spiking = layer.cell->spiking;
    h.steps_per_bin = static_cast<double>(longest_) / static_cast<double>(bins_);
    h.error.assign(bins_, 0.0);
    for (std::size_t n = 0; n < layer.units && h.spiking; ++n) {
      double count = 0.0;
      for (const of_sample& s : samples_) {
        count += s.counts[q][n];
      }
      h.rate += count / (steps * units);
      h.dead += count / steps < dead_rate ? 1.0 / units : 0.0;
      h.saturated += count / steps > saturated_rate ? 1.0 / units : 0.0;
    }
    for (const of_sample& s : samples_) {
      h.in_support += static_cast<double>(s.in_support[q]) / (steps * units);
      for (std::size_t b = 0; b < bins_; ++b) {
        h.error[b] += s.squares[q][b];
      }
    }
    for (std::size_t b = 0; b < bins_; ++b) {
      h.error[b] = rows[b] > 0.0 ? per_sample * std::sqrt(h.error[b] / (rows[b] * units)) : 0.0;
    }
    layers.push_back(std::move(h));
  }
  for (const network_output& o : p.net->output_list()) {
    layers[o.population].stuck = stuck(*p.net, o, gradient);
  }
  return layers;
}

}  // namespace backspike
