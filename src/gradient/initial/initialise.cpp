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
#include "optimise/standardise.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace backspike {
namespace {

constexpr double recurrent_share = 0.1;  // of the membrane's variance (the paper's 1 - alpha)
constexpr double quiet_rate = 0.01;      // spikes per step assumed of a layer that has no rate yet or is silent
constexpr std::uint32_t probe_samples = 64;

/// The free membrane after one small unit of input to a receptor: small, so that no threshold is reached and a cell
/// that is not linear answers as it does around its rest. A power of two costs no digits.
class impulse_response {
 public:
  impulse_response(const cell_info& cell, std::size_t receptor, std::span<const double> typical, double dt)
      : cell_(cell),
        constants_(cell_.constants),
        state_(cell_.states.size(), 0.0),
        largest_(state_),
        input_(cell_.inputs(), 0.0) {
    cell_.exact->prepare(typical.data(), dt, constants_.data());
    input_[receptor] = unit;
    never_.reset = reset_kind::none;
  }

  /// The last state, which is the one that the threshold sees, one step later.
  double next() {
    cell_.exact->step(state_.data(), constants_.data(), input_.data(), never_);
    std::ranges::fill(input_, 0.0);
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
  static constexpr double unit = 0x1p-30;

  const cell_info& cell_;
  std::vector<double> constants_, state_, largest_, input_;
  spike_function never_;
};

/// Sum over time of the squared response of the free membrane to one unit of input, from the cell's own step. What
/// never rests, a perfect integrator, is summed over a sample's mean length.
double response_energy(const cell_info& cell, std::size_t receptor, std::span<const double> typical, double dt,
                       double mean_steps) {
  constexpr int longest = 100000;
  impulse_response response(cell, receptor, typical, dt);
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

/// The same of every receptor. One that leaves the resting membrane where it is, as that of shunting inhibition, counts
/// as the first: its weights are then of the same size.
std::vector<double> response_energies(const cell_info& cell, std::span<const double> typical, double dt,
                                      double mean_steps) {
  std::vector<double> energies;
  for (std::size_t r = 0; r < cell.inputs(); ++r) {
    const double own = response_energy(cell, r, typical, dt, mean_steps);
    energies.push_back(r > 0 && own == 0.0 ? energies.front() : own);
  }
  return energies;
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

double with_sign(weight_sign sign, double x) {
  return sign == weight_sign::any ? x : sign == weight_sign::excitatory ? std::fabs(x) : -std::fabs(x);
}

/// What training keeps the norm of every column at: that of as many numbers of this deviation.
void standardise(const parameter_info& p, arena<float>& parameters, double sigma, thread_pool& pool) {
  const std::vector<double> norms(p.cols, sigma * std::sqrt(static_cast<double>(p.rows)));
  standardise_columns(p, norms, parameters.values().data() + p.offset, pool);
}

void draw(matrix_view<float> weight, double sigma, weight_sign sign, random_stream stream) {
  for (std::size_t r = 0; r < weight.rows; ++r) {
    for (std::size_t c = 0; c < weight.cols; ++c) {
      weight(r, c) = static_cast<float>(with_sign(sign, sigma * stream.normal()));
    }
  }
}

/// 1 from each neuron to the one of the same number; the others are 0 already.
void set_identity(const connection& c, matrix_view<float> weight) {
  each_synapse(c, [&](std::uint32_t source, const synapse& s) {
    if (s.target == source) {
      weight(s.row, s.column) = 1.0F;
    }
  });
}

/// Weights and biases to 0; those that a kind has fixed to 1.
void clear_weights(const network& net, arena<float>& parameters) {
  const auto clear = [&](std::size_t parameter) {
    const parameter_info& p = net.parameters()[parameter];
    std::ranges::fill(parameters.values().subspan(p.offset, p.rows * p.stride), 0.0f);
  };
  for (const connection& c : net.connections()) {
    clear(c.weight);
    if (c.info->fixed) {
      parameters.view(c.weight)(0, 0) = 1.0F;
    }
  }
  for (const population& p : net.populations()) {
    if (p.bias != no_parameter) {
      clear(p.bias);
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

/// Mean squared input per step and channel that a connection leads from: the rate, for spikes of value 1.
double input_rate(const dataset& data, const connection& c) {
  const events& e = data.inputs.spikes;
  const auto sends = [&](std::uint32_t channel) { return c.source_of(channel).has_value(); };
  double power = static_cast<double>(std::ranges::count_if(e.channels, sends));
  if (e.graded()) {
    power = std::transform_reduce(e.values.begin(), e.values.end(), e.channels.begin(), 0.0, std::plus<>(),
                                  [&](float v, std::uint32_t channel) {
                                    return sends(channel) ? static_cast<double>(v) * static_cast<double>(v) : 0.0;
                                  });
  }
  return power / static_cast<double>(std::max<std::size_t>(e.rows(), 1) * c.source_units);
}

/// The first samples under labels that any network takes: the probe counts spikes, its loss is not looked at, and the
/// data may have no targets at all.
dataset first_samples(const dataset& data, const network& net) {
  std::vector<std::uint32_t> few(std::min<std::size_t>(probe_samples, data.size()));
  std::iota(few.begin(), few.end(), 0u);
  dataset first;
  first.channels = data.channels;
  first.dt = data.dt;
  first.inputs = subset(data, few).inputs;
  first.labels.assign(few.size(), 0);
  first.class_names.resize(net.outputs());
  for (const network_output& o : net.output_list()) {
    named_targets& same = first.further.emplace_back();
    static_cast<target_set&>(same) = first;
    same.name = o.target;
  }
  return first;
}

/// Spikes per neuron and step of one population; the mean square of what an analog one sends.
double measured_rate(const network& net, const arena<float>& parameters, const dataset& first, std::size_t layer,
                     thread_pool& pool) {
  const auto all = every_sample(first);
  predictions kept;
  objective_spec any;
  any.others.resize(net.output_list().size() - 1);
  engine probe(net, any, pool);
  const batch_result result = probe.evaluate(parameters, {&first, all}, &kept);
  const auto& counts = kept.spikes[layer];
  const double sent = std::accumulate(counts.begin(), counts.end(), kept.power[layer]);
  return sent / (static_cast<double>(result.steps) * static_cast<double>(net.populations()[layer].units));
}

/// Synapses that a neuron receives over a connection, on average.
double fan_in(const network& net, const connection& c) {
  return static_cast<double>(synapse_count(c)) / static_cast<double>(net.populations()[c.target].units);
}

/// Draws the weights into populations one after the other: each needs the rates of those that it receives from.
class weight_start {
 public:
  weight_start(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data, thread_pool& pool)
      : net_(net),
        parameters_(parameters),
        seed_(seed),
        data_(data),
        pool_(pool),
        first_(first_samples(data, net)),
        rates_(net.populations().size(), quiet_rate),
        drawn_(net.populations().size(), false) {}

  void run() {
    for (const std::size_t q : net_.order()) {
      draw_inputs(q);
      drawn_[q] = true;
      const population& p = net_.populations()[q];
      const bool last = p.is_output && q + 1 == net_.populations().size();
      if (p.sends && !last) {
        const double measured = measured_rate(net_, parameters_, first_, q, pool_);
        rates_[q] = measured > 0.0 ? measured : quiet_rate;
      }
    }
  }

 private:
  void draw_inputs(std::size_t q) {
    const population& p = net_.populations()[q];
    const std::vector<double> typical = typical_parameters(p, parameters_, seed_);
    const double dt = net_.spec().dt;
    const std::vector<double> energies = response_energies(*p.cell, typical, dt, mean_steps(data_));
    for (const std::size_t k : p.inputs) {
      const connection& c = net_.connections()[k];
      if (c.info->fixed) {
        continue;
      }
      if (c.init == weight_init::identity) {
        set_identity(c, parameters_.view(c.weight));
        continue;
      }
      const double inputs = fan_in(net_, c), wanted = c.init_sigma * threshold_of(p, typical);
      if (inputs == 0.0) {
        continue;
      }
      const double gain = membrane_gain(p, energies[c.receptor], inputs, rate_of(c), dt);
      const double sigma = std::sqrt(share_of(c) * wanted * wanted / gain);
      draw(parameters_.view(c.weight), sigma, c.sign, random_stream(seed_, random_purpose::weights, c.weight));
      if (net_.parameters()[c.weight].standardised) {
        standardise(net_.parameters()[c.weight], parameters_, sigma, pool_);
      }
    }
  }

  /// From a population whose own weights come later: it closes a loop, and has no rate yet.
  bool leads_back(const connection& c) const { return !c.comes_from_input() && !drawn_[c.source]; }

  /// How the membrane's variance is divided: connections that lead back share a part, the others the rest.
  double share_of(const connection& c) const {
    double back = 0.0, ahead = 0.0;
    for (const std::size_t k : net_.populations()[c.target].inputs) {
      const connection& other = net_.connections()[k];
      if (other.init != weight_init::identity && !other.info->fixed) {
        (leads_back(other) ? back : ahead) += 1.0;
      }
    }
    if (leads_back(c)) {
      return (ahead > 0.0 ? recurrent_share : 1.0) / back;
    }
    return (back > 0.0 ? 1.0 - recurrent_share : 1.0) / ahead;
  }

  double rate_of(const connection& c) const {
    return std::max(c.comes_from_input() ? input_rate(data_, c) : rates_[c.source], quiet_rate * 0.1);
  }

  const network& net_;
  arena<float>& parameters_;
  std::uint64_t seed_;
  const dataset& data_;
  thread_pool& pool_;
  dataset first_;
  std::vector<double> rates_;  // [populations]
  std::vector<bool> drawn_;    // [populations] it has its weights
};

}  // namespace

void initialise_weights(const network& net, arena<float>& parameters, std::uint64_t seed, const dataset& data,
                        thread_pool& pool) {
  const auto every = every_sample(data);
  check_input("initialise", net, data, every);
  for (const network_output& o : net.output_list()) {
    if (follows_targets(net, o, data)) {
      check_target_values("initialise", o, data, every);
    }
  }
  clear_weights(net, parameters);
  require_in_range(parameters);
  weight_start(net, parameters, seed, data, pool).run();
  for (const network_output& o : net.output_list()) {
    if (follows_targets(net, o, data)) {
      scale_readout(net, o, parameters, data, pool);
    }
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
