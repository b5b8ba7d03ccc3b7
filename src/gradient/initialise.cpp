#include <backspike/gradient/engine.hpp>

#include <backspike/core/random.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/network/delays.hpp>

#include "gradient/readout_scale.hpp"
#include "network/initial_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace backspike {
namespace {

constexpr double recurrent_share = 0.1;  // of the membrane's variance (the paper's 1 - alpha)
constexpr double quiet_rate = 0.01;      // spikes per step assumed of a layer that has no rate yet or is silent
constexpr std::uint32_t probe_samples = 64;

/// The free membrane after one small unit of input: small, so that no threshold is reached and a cell that is not
/// linear answers as it does around its rest. A power of two costs no digits.
class impulse_response {
 public:
  impulse_response(const population& p, double dt)
      : cell_(*p.cell), constants_(cell_.constants), state_(cell_.states.size(), 0.0), largest_(state_) {
    std::vector<double> in;
    for (const field& f : cell_.parameters) {
      in.push_back(p.spec.parameters.at(std::string(f.name)).value);
    }
    cell_.exact->prepare(in.data(), dt, constants_.data());
    never_.reset = reset_kind::none;
  }

  /// The last state, which is the one that the threshold sees, one step later.
  double next() {
    constexpr double unit = 0x1p-30;
    cell_.exact->step(state_.data(), constants_.data(), first_ ? unit : 0.0, never_);
    first_ = false;
    for (std::size_t k = 0; k < state_.size(); ++k) {
      largest_[k] = std::max(largest_[k], std::fabs(state_[k]));
    }
    return state_.back() / unit;
  }

  /// All states: the membrane of an oscillator passes through zero long before it rests.
  bool is_over() const {
    for (std::size_t k = 0; k < state_.size(); ++k) {
      if (std::fabs(state_[k]) > 1e-4 * largest_[k]) {
        return false;
      }
    }
    return largest_.back() > 0.0;
  }

 private:
  const cell_info& cell_;
  std::vector<double> constants_, state_, largest_;
  spike_function never_;
  bool first_ = true;
};

/// Sum over time of the squared response of the free membrane to one unit of input, from the cell's own step. What
/// never rests, a perfect integrator, is summed over a sample's mean length.
double response_energy(const population& p, double dt, double mean_steps) {
  constexpr int longest = 100000;
  impulse_response response(p, dt);
  double energy = 0.0, energy_of_a_sample = 0.0;
  for (int t = 0; t < longest; ++t) {
    const double v = response.next();
    energy += v * v;
    energy_of_a_sample = t < mean_steps ? energy : energy_of_a_sample;
    if (t > 1 && response.is_over()) {
      return energy;
    }
  }
  return energy_of_a_sample;
}

double threshold_of(const population& p) {
  const auto found = p.spec.parameters.find("v_th");
  return found == p.spec.parameters.end() ? 1.0 : found->second.value;
}

/// Standard deviation of a weight such that `sources` inputs of `rate` events per step give the membrane the wanted
/// variance.
double weight_sigma(const population& p, double energy, double sources, double rate, double share) {
  const double sigma = p.spec.init_sigma * threshold_of(p);
  return std::sqrt(share * sigma * sigma / (sources * rate * energy));
}

void draw(matrix_view<float> weight, double sigma, random_stream stream) {
  for (std::size_t r = 0; r < weight.rows; ++r) {
    for (std::size_t c = 0; c < weight.cols; ++c) {
      weight(r, c) = static_cast<float>(sigma * stream.normal());
    }
  }
}

void set_identity(matrix_view<float> weight) {
  for (std::size_t r = 0; r < weight.rows; ++r) {
    weight(r, r) = 1.0F;  // the others are 0 already
  }
}

void set_cell_parameters(const network& net, arena<float>& parameters, std::uint64_t seed) {
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      const auto& spec = p.spec.parameters.at(std::string(p.cell->parameters[k].name));
      const random_stream stream(seed, random_purpose::cell_parameters, p.parameters[k]);
      const std::vector<double> values = initial_values(spec, p.columns[k], stream);
      std::ranges::transform(values, parameters.view(p.parameters[k]).data,
                             [](double x) { return static_cast<float>(x); });
    }
  }
}

double mean_steps(const dataset& data) {
  return static_cast<double>(data.inputs.spikes.rows()) / static_cast<double>(std::max<std::size_t>(data.size(), 1));
}

/// Mean squared input per channel and step: the rate, for spikes of value 1.
double input_rate(const dataset& data) {
  const events& e = data.inputs.spikes;
  double power = static_cast<double>(e.size());
  if (e.graded()) {
    power = std::transform_reduce(e.values.begin(), e.values.end(), 0.0, std::plus<>(),
                                  [](float v) { return static_cast<double>(v) * static_cast<double>(v); });
  }
  return power / (static_cast<double>(std::max<std::size_t>(e.rows(), 1)) * data.channels);
}

/// The first samples under labels that any network takes: the probe counts spikes, its loss is not looked at, and the
/// data may have no targets at all.
dataset first_samples(const dataset& data, std::size_t outputs) {
  std::vector<std::uint32_t> few(std::min<std::size_t>(probe_samples, data.size()));
  std::iota(few.begin(), few.end(), 0u);
  dataset first;
  first.channels = data.channels;
  first.dt = data.dt;
  first.inputs = subset(data, few).inputs;
  first.labels.assign(few.size(), 0);
  first.class_names.resize(outputs);
  return first;
}

/// Spikes per neuron and step of one population.
double measured_rate(const network& net, const arena<float>& parameters, const dataset& first, std::size_t layer,
                     thread_pool& pool) {
  std::vector<std::uint32_t> all(first.size());
  std::iota(all.begin(), all.end(), 0u);
  predictions kept;
  engine probe(net, {}, pool);
  const batch_result result = probe.evaluate(parameters, {&first, all}, &kept);
  const auto& counts = kept.spikes[layer];
  const double spikes = std::accumulate(counts.begin(), counts.end(), 0.0);
  return spikes / (static_cast<double>(result.steps) * static_cast<double>(counts.size()));
}

}  // namespace

void initialise(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                thread_pool& pool) {
  check_input("initialise", net, data, {});
  std::ranges::fill(parameters.values(), 0.0f);
  set_cell_parameters(net, parameters, seed);
  initialise_delays(net, parameters, seed);
  double rate = input_rate(data);
  const dataset first = first_samples(data, net.outputs());
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const population& p = net.populations()[q];
    const double energy = response_energy(p, net.spec().dt, mean_steps(data));
    for (const connection& c : net.connections()) {
      if (c.target == q) {
        const bool inner = c.delay > 0;
        if (!inner && p.spec.init == weight_init::identity) {
          set_identity(parameters.view(c.weight));
          continue;
        }
        const double share = inner ? recurrent_share : p.spec.recurrent ? 1.0 - recurrent_share : 1.0;
        const double sigma = weight_sigma(p, energy, static_cast<double>(c.source_units),
                                          std::max(inner ? quiet_rate : rate, quiet_rate * 0.1), share);
        draw(parameters.view(c.weight), sigma, random_stream(seed, random_purpose::weights, c.weight));
      }
    }
    if (q + 1 < net.populations().size()) {
      const double measured = measured_rate(net, parameters, first, q, pool);
      rate = measured > 0.0 ? measured : quiet_rate;
    }
  }
  if (follows_targets(net, data)) {
    scale_readout(net, parameters, data, pool);
  }
}

}  // namespace backspike
