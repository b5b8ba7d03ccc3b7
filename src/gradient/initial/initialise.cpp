// How weights start. The size of a layer's weights follows from the measured rate of its input and from how its own
// cell answers an impulse; gradient/initialise.hpp has the rule, the paper.

#include <backspike/gradient/engine.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/gradient/check_batch.hpp>
#include <backspike/gradient/initialise.hpp>
#include <backspike/network/delays.hpp>

#include "core/short_number.hpp"
#include "gradient/initial/readout_scale.hpp"
#include "network/initial_values.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace backspike {
namespace {

constexpr double recurrent_share = 0.1;  // of the membrane's variance (the paper's 1 - alpha)
constexpr double quiet_rate = 0.01;      // spikes per step assumed of a layer that has no rate yet or is silent
constexpr std::uint32_t probe_samples = 64;

/// The free membrane after one small unit of input: small, so that no threshold is reached and a cell that is not
/// linear answers as it does around its rest. A power of two costs no digits.
class impulse_response {
 public:
  impulse_response(const cell_info& cell, std::span<const double> typical, double dt)
      : cell_(cell), constants_(cell_.constants), state_(cell_.states.size(), 0.0), largest_(state_) {
    cell_.exact->prepare(typical.data(), dt, constants_.data());
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
double response_energy(const cell_info& cell, std::span<const double> typical, double dt, double mean_steps) {
  constexpr int longest = 100000;
  impulse_response response(cell, typical, dt);
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

cell_parameter_spec spec_of(const population& p, std::size_t k) {
  return p.spec.parameters.at(std::string(p.cell->parameters[k].name));
}

/// What a layer's cell parameters start with under this seed.
std::vector<float> drawn_values(const population& p, std::size_t k, std::uint64_t seed) {
  const random_stream stream(seed, random_purpose::cell_parameters, p.parameters[k]);
  const std::vector<double> values = initial_values(spec_of(p, k), p.columns[k], stream);
  return {values.begin(), values.end()};
}

/// One number for each field of a layer's cell: the specification's where the layer has what the seed draws from that,
/// else the mean of what somebody has put there.
std::vector<double> typical_parameters(const population& p, const arena<float>& parameters, std::uint64_t seed) {
  std::vector<double> typical;
  for (std::size_t k = 0; k < p.parameters.size(); ++k) {
    const auto now = parameters.view(p.parameters[k]);
    const std::span<const float> values(now.data, now.cols);
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    typical.push_back(std::ranges::equal(values, drawn_values(p, k, seed)) ? spec_of(p, k).value
                                                                           : sum / static_cast<double>(values.size()));
  }
  return typical;
}

double threshold_of(const population& p, std::span<const double> typical) {
  for (std::size_t k = 0; k < typical.size(); ++k) {
    if (p.cell->parameters[k].name == "v_th") {
      return typical[k];
    }
  }
  return 1.0;
}

/// The membrane's variance over that of a weight, if `sources` inputs of `rate` events per step reach it.
double membrane_gain(const population& p, double energy, double sources, double rate, double dt) {
  constexpr double least = 1e-12;
  const double gain = sources * rate * energy;
  if (!(gain >= least) || std::isinf(gain)) {
    throw value_error("initialise", p.spec.name,
                      p.spec.cell + " in steps of " + short_number(dt) + " ms, whose membrane moves by " +
                          short_number(std::sqrt(gain)) + " times a weight",
                      "at least " + short_number(std::sqrt(least)) +
                          ": time constants that are not far below the step, a frequency that is neither 0 nor a "
                          "multiple of half the sampling rate");
  }
  return gain;
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

/// Weights and biases to 0.
void clear_weights(const network& net, arena<float>& parameters) {
  for (const connection& c : net.connections()) {
    for (const std::size_t i : {c.weight, c.bias}) {
      if (i != no_parameter) {
        const parameter_info& p = net.parameters()[i];
        std::ranges::fill(parameters.values().subspan(p.offset, p.rows * p.stride), 0.0f);
      }
    }
  }
}

void set_cell_parameters(const network& net, arena<float>& parameters, std::uint64_t seed) {
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      std::ranges::copy(drawn_values(p, k, seed), parameters.view(p.parameters[k]).data);
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
  const auto all = every_sample(first);
  predictions kept;
  engine probe(net, {}, pool);
  const batch_result result = probe.evaluate(parameters, {&first, all}, &kept);
  const auto& counts = kept.spikes[layer];
  const double spikes = std::accumulate(counts.begin(), counts.end(), 0.0);
  return spikes / (static_cast<double>(result.steps) * static_cast<double>(counts.size()));
}

}  // namespace

void initialise_weights(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                        thread_pool& pool) {
  const auto every = every_sample(data);
  check_input("initialise", net, data, every);
  const bool scaled = follows_targets(net, data);
  if (scaled) {
    check_target_values("initialise", net, data, every);
  }
  clear_weights(net, parameters);
  require_in_range(parameters);
  double rate = input_rate(data);
  const dataset first = first_samples(data, net.outputs());
  for (std::size_t q = 0; q < net.populations().size(); ++q) {
    const population& p = net.populations()[q];
    const std::vector<double> typical = typical_parameters(p, parameters, seed);
    const double energy = response_energy(*p.cell, typical, net.spec().dt, mean_steps(data));
    const double wanted = p.spec.init_sigma * threshold_of(p, typical);
    for (const connection& c : net.connections()) {
      if (c.target == q) {
        const bool inner = c.base_delay > 0;
        if (!inner && p.spec.init == weight_init::identity) {
          set_identity(parameters.view(c.weight));
          continue;
        }
        const double share = inner ? recurrent_share : p.spec.recurrent ? 1.0 - recurrent_share : 1.0;
        const double gain = membrane_gain(p, energy, static_cast<double>(c.source_units),
                                          std::max(inner ? quiet_rate : rate, quiet_rate * 0.1), net.spec().dt);
        draw(parameters.view(c.weight), std::sqrt(share * wanted * wanted / gain),
             random_stream(seed, random_purpose::weights, c.weight));
      }
    }
    if (q + 1 < net.populations().size()) {
      const double measured = measured_rate(net, parameters, first, q, pool);
      rate = measured > 0.0 ? measured : quiet_rate;
    }
  }
  if (scaled) {
    scale_readout(net, parameters, data, pool);
  }
}

void initialise(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                thread_pool& pool) {
  std::ranges::fill(parameters.values(), 0.0f);
  set_cell_parameters(net, parameters, seed);
  initialise_delays(net, parameters, seed);
  initialise_weights(net, parameters, seed, data, pool);
}

}  // namespace backspike
