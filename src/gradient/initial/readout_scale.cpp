// Scales the readout of a regression to the mean and the deviation of the targets, as measured on some samples.

#include "gradient/initial/readout_scale.hpp"

#include <backspike/data/split.hpp>
#include <backspike/gradient/unrolled.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace backspike {
namespace {

/// Samples that are looked at: enough for the mean of the targets, also where few steps of a sample count.
std::size_t samples_measured(const dataset& data) {
  constexpr std::size_t fewest = 32, most = 1024, steps_wanted = 1024;
  std::size_t counted = data.step_targets.size() / data.target_width;
  if (!data.step_weights.empty()) {
    counted = static_cast<std::size_t>(std::ranges::count_if(data.step_weights, [](float w) { return w > 0.0f; }));
  }
  const std::size_t wanted = steps_wanted * data.size() / std::max<std::size_t>(counted, 1);
  return std::clamp(wanted, fewest, most);
}

/// The first connection that leads to the readout from elsewhere.
const connection& last_connection(const network& net) {
  return net.connections()[net.populations()[net.output()].inputs.front()];
}

/// Whether all that the readout receives is drawn at random, and for every output from all neurons before it.
bool can_scale(const network& net) {
  const auto& inputs = net.populations()[net.output()].inputs;
  return !inputs.empty() && std::ranges::all_of(inputs, [&](std::size_t k) {
    const connection& c = net.connections()[k];
    return c.opens == (k == inputs.front()) && !c.inner && c.is_matrix() && c.init == weight_init::automatic &&
           c.sign == weight_sign::any && net.parameters()[c.weight].learnable;
  });
}

/// The samples that are looked at, and what the readout gives in each of their steps.
class measured_steps {
 public:
  measured_steps(const network& net, const dataset& data, thread_pool& pool)
      : net_(net), data_(data), samples_(spread_evenly(data.size(), samples_measured(data))), run_(net, pool) {}

  std::vector<float> readout(const arena<float>& parameters) {
    const auto trace = run_.forward(parameters, {&data_, samples_}, false);
    return {trace.begin(), trace.end()};
  }

  /// Mean input that each neuron of the layer before gives in a step, from one run that keeps its spikes.
  std::vector<double> rates(const arena<float>& parameters, const connection& c) {
    std::vector<double> sum(c.source_units, 0.0);
    double steps = 0.0;
    for (const std::uint32_t s : samples_) {  // one at a time: what is kept of a run is large
      const std::uint32_t picked[] = {s};
      if (!c.comes_from_input()) {
        run_.forward(parameters, {&data_, picked}, true);
      }
      for (std::size_t t = 0; t < data_.inputs.length(s); ++t) {
        const event_row row = c.comes_from_input() ? data_.inputs.spikes.row(data_.inputs.sample_rows[s] + t)
                                                   : run_.spikes(c.source, 0).row(t);
        for (std::size_t e = 0; e < row.channels.size(); ++e) {
          const std::size_t source = row.channels[e] - c.first_source;  // huge for a channel before them
          if (source < sum.size()) {
            sum[source] += row.values.empty() ? 1.0 : static_cast<double>(row.values[e]);
          }
        }
      }
      steps += static_cast<double>(data_.inputs.length(s));
    }
    for (double& x : sum) {
      x /= std::max(steps, 1.0);
    }
    return sum;
  }

  /// Calls f(row of the trace, step's weight, targets [outputs]) for every step that counts.
  template <class F>
  void for_each(const F& f) const {
    std::size_t row = 0;
    for (const std::uint32_t s : samples_) {
      const sample_target target = data_.target(s);
      for (std::size_t t = 0; t < data_.inputs.length(s); ++t, ++row) {
        const double weight = target.weight * (target.weights.empty() ? 1.0 : static_cast<double>(target.weights[t]));
        if (weight > 0.0) {
          f(row, weight, target.values.data() + t * net_.outputs());
        }
      }
    }
  }

 private:
  const network& net_;
  const dataset& data_;
  std::vector<std::uint32_t> samples_;
  unrolled run_;
};

/// Sums over the steps that count, of one output.
struct output_sums {
  double weight = 0.0, drawn = 0.0, constant = 0.0, crossed = 0.0, targets = 0.0;

  void add(double w, double a, double c, double y) {
    weight += w;
    drawn += w * a * a;
    constant += w * c * c;
    crossed += w * c * y;
    targets += w * y * y;
  }
  double beta() const { return constant > 0.0 ? crossed / constant : 0.0; }
  /// Mean square of what the constant leaves of the targets; a thousandth of them at least, where it leaves nothing.
  double left() const { return std::max(targets - beta() * crossed, 1e-6 * targets) / weight; }
  double factor(double share) const {
    const double power = weight > 0.0 ? drawn / weight : 0.0;
    return power > 0.0 && targets > 0.0 ? share * std::sqrt(left() / power) : 1.0;
  }
};

}  // namespace

bool follows_targets(const network& net, const dataset& data) {
  const population& last = net.populations()[net.output()];
  return !last.cell->spiking && can_scale(net) && data.size() > 0 && !data.step_targets.empty() &&
         data.target_width == net.outputs() && data.labels.empty() && data.step_labels.empty();
}

void scale_readout(const network& net, arena<float>& parameters, const dataset& data, thread_pool& pool) {
  const connection& c = last_connection(net);
  const std::size_t bias = net.populations()[net.output()].bias;
  const std::size_t outputs = net.outputs();
  const auto weight = parameters.view(c.weight);
  measured_steps steps(net, data, pool);
  const std::vector<float> drawn = steps.readout(parameters);

  arena<float> probe(net.parameters());
  std::ranges::copy(parameters.values(), probe.values().begin());
  std::vector<double> even(c.source_units, 0.0);  // the weights without bias whose mean current is 1
  if (bias == no_parameter) {
    even = steps.rates(parameters, c);
    double squares = 0.0;
    for (const double r : even) {
      squares += r * r;
    }
    for (double& r : even) {
      r = squares > 0.0 ? r / squares : 0.0;
    }
  } else {
    std::ranges::fill_n(probe.view(bias).data, static_cast<std::ptrdiff_t>(outputs), 1.0f);
  }
  for (const std::size_t k : net.populations()[net.output()].inputs) {  // of several the first one carries the mean
    const connection& other = net.connections()[k];
    for (std::size_t j = 0; j < other.source_units; ++j) {
      const double value = &other == &c ? even[j] : 0.0;
      std::fill_n(probe.view(other.weight).row(j), outputs, static_cast<float>(value));
    }
  }
  const std::vector<float> constant = steps.readout(probe);

  std::vector<output_sums> sums(outputs);
  steps.for_each([&](std::size_t row, double w, const float* target) {
    for (std::size_t k = 0; k < outputs; ++k) {
      sums[k].add(w, static_cast<double>(drawn[row * outputs + k]), static_cast<double>(constant[row * outputs + k]),
                  static_cast<double>(target[k]));
    }
  });
  const double share = readout_share * net.populations().back().spec.init_sigma;
  for (std::size_t k = 0; k < outputs; ++k) {
    const double beta = sums[k].beta(), g = sums[k].factor(share);
    for (std::size_t j = 0; j < c.source_units; ++j) {
      weight(j, k) = static_cast<float>(g * static_cast<double>(weight(j, k)) + beta * even[j]);
    }
    for (const std::size_t other : net.populations()[net.output()].inputs) {
      const auto rest = parameters.view(net.connections()[other].weight);
      for (std::size_t j = 0; &net.connections()[other] != &c && j < rest.rows; ++j) {
        rest(j, k) = static_cast<float>(g * static_cast<double>(rest(j, k)));
      }
    }
    if (bias != no_parameter) {
      parameters.view(bias)(0, k) = static_cast<float>(beta);
    }
  }
}

}  // namespace backspike
