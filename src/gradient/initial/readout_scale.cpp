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
std::size_t samples_measured(const dataset& data, const target_set& targets) {
  constexpr std::size_t fewest = 32, most = 1024, steps_wanted = 1024;
  std::size_t counted = targets.step_targets.size() / targets.target_width;
  if (!data.step_weights.empty()) {
    counted = static_cast<std::size_t>(std::ranges::count_if(data.step_weights, [](float w) { return w > 0.0f; }));
  }
  const std::size_t wanted = steps_wanted * data.size() / std::max<std::size_t>(counted, 1);
  return std::clamp(wanted, fewest, most);
}

/// Whether all that a layer receives is drawn at random, and for every neuron from all those before it.
bool can_scale(const network& net, const population& layer) {
  const auto& inputs = layer.inputs;
  const bool shares_bias = layer.bias != no_parameter && layer.bias_columns != layer.units;
  return !inputs.empty() && !shares_bias && std::ranges::all_of(inputs, [&](std::size_t k) {
    const connection& c = net.connections()[k];
    return c.opens == (k == inputs.front()) && !c.inner && c.is_matrix() && c.init == weight_init::automatic &&
           c.sign == weight_sign::any && net.parameters()[c.weight].learnable;
  });
}

/// The samples that are looked at, and what the readout gives in each of their steps.
class measured_steps {
 public:
  measured_steps(const network& net, const network_output& output, const dataset& data, thread_pool& pool)
      : data_(data),
        output_(output),
        targets_(data.targets(output.target)),
        samples_(spread_evenly(data.size(), samples_measured(data, targets_))),
        run_(net, pool) {}

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
          if (const auto source = c.source_of(row.channels[e])) {
            sum[*source] += row.values.empty() ? 1.0 : static_cast<double>(row.values[e]);
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

  /// Calls f(row of the trace, step's weight, targets [units]) for every step that counts.
  template <class F>
  void for_each(const F& f) const {
    std::size_t row = 0;
    for (const std::uint32_t s : samples_) {
      const sample_target target = data_.target(s, targets_);
      for (std::size_t t = 0; t < data_.inputs.length(s); ++t, ++row) {
        const double weight = target.weight * (target.weights.empty() ? 1.0 : static_cast<double>(target.weights[t]));
        if (weight > 0.0) {
          f(row, weight, target.values.data() + t * output_.units);
        }
      }
    }
  }

 private:
  const dataset& data_;
  const network_output& output_;
  const target_set& targets_;
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

bool follows_targets(const network& net, const network_output& output, const dataset& data) {
  const auto is_there = [&](const named_targets& set) { return set.name == output.target; };
  if (!output.target.empty() && std::ranges::none_of(data.further, is_there)) {
    return false;  // weights may be drawn for data without targets
  }
  const population& layer = net.populations()[output.population];
  const target_set& targets = data.targets(output.target);
  return !layer.cell->spiking && can_scale(net, layer) && data.size() > 0 && !targets.step_targets.empty() &&
         targets.target_width == output.units && targets.labels.empty() && targets.step_labels.empty();
}

void scale_readout(const network& net, const network_output& output, arena<float>& parameters, const dataset& data,
                   thread_pool& pool) {
  const population& layer = net.populations()[output.population];
  const connection& c = net.connections()[layer.inputs.front()];  // the first one from elsewhere
  const std::size_t bias = layer.bias;
  const std::size_t outputs = output.units, width = net.outputs();
  const auto weight = parameters.view(c.weight);
  measured_steps steps(net, output, data, pool);
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
  for (const std::size_t k : layer.inputs) {  // of several the first one carries the mean
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
      const std::size_t at = row * width + output.first + k;
      sums[k].add(w, static_cast<double>(drawn[at]), static_cast<double>(constant[at]), static_cast<double>(target[k]));
    }
  });
  const double share = readout_share * layer.spec.init_sigma;
  for (std::size_t k = 0; k < outputs; ++k) {
    const double beta = sums[k].beta(), g = sums[k].factor(share);
    for (std::size_t j = 0; j < c.source_units; ++j) {
      weight(j, k) = static_cast<float>(g * static_cast<double>(weight(j, k)) + beta * even[j]);
    }
    for (const std::size_t other : layer.inputs) {
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
