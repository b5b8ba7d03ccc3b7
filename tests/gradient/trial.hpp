#pragma once
// A small random problem: network, parameters, ragged samples and objective. Parameters are doubles that a float holds
// exactly, so that the engine and its references see the same numbers.

#include <backspike/core/enum_names.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/network/delay_kernel.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace backspike::testing {

/// Every value of an enum that has spellings.
template <class Enum>
std::vector<Enum> all_of() {
  std::vector<Enum> values;
  for (const auto& entry : enum_names<Enum>) {
    values.push_back(entry.value);
  }
  return values;
}

inline double as_float(double x) { return static_cast<double>(static_cast<float>(x)); }

/// Cross-entropy and losses of a readout, with every setting that belongs to them.
inline objective_spec objective_of(loss_kind loss, readout_kind readout, double scale, double smoothing,
                                   double penalty) {
  objective_spec objective;
  objective.loss = loss;
  objective.readout = readout;
  objective.logit_scale = scale;
  objective.label_smoothing = smoothing;
  objective.rate_penalty = penalty;
  return objective;
}

struct trial_plan {
  network_spec network;
  objective_spec objective;
  std::vector<std::size_t> lengths{5, 8};  // [samples] steps
  double rate = 0.3;                       // of input spikes per channel and step
  bool graded = false;
  double gain = 2.0;  // standard deviation of a weight, times the root of its fan-in
  std::uint64_t seed = 1;
  batch_draws draws{};  // of dropout and noise
};

/// Appends one sample of `steps` random rows.
inline void add_sample(dataset& data, std::size_t steps, const trial_plan& plan, random_stream& random) {
  events& e = data.inputs.spikes;
  for (std::size_t t = 0; t < steps; ++t) {
    for (std::uint32_t c = 0; c < data.channels; ++c) {
      if (random.uniform() < plan.rate) {
        e.channels.push_back(c);
        if (plan.graded) {
          e.values.push_back(static_cast<float>(0.5 + random.uniform()));
        }
      }
    }
    e.end_row();
  }
  data.inputs.end_sample();
}

struct trial {
  network net;
  objective_spec objective;
  arena<double> parameters;
  dataset data;
  std::vector<std::uint32_t> samples;
  batch_draws draws;

  explicit trial(const trial_plan& plan)
      : net(plan.network), objective(plan.objective), parameters(net.parameters()), draws(plan.draws) {
    draw_parameters(plan);
    share_low_pass();
    for (const connection& c : net.connections()) {
      if (c.has_delays()) {
        draw_delays(plan, c);
      }
    }
    draw_data(plan);
  }
  trial(const trial&) = delete;
  trial& operator=(const trial&) = delete;

  batch_view batch() const { return {&data, samples, draws}; }

  arena<float> float_parameters() const {
    arena<float> copy(net.parameters());
    for (std::size_t i = 0; i < copy.values().size(); ++i) {
      copy.values()[i] = static_cast<float>(parameters.values()[i]);
    }
    return copy;
  }

 private:
  /// Weights with zero mean, biases around 0.1, cell parameters within 10 % of their specification.
  void draw_parameters(const trial_plan& plan) {
    for (std::size_t i = 0; i < net.parameters().size(); ++i) {
      random_stream random(plan.seed, random_purpose::test, i);
      const parameter_info& info = net.parameters()[i];
      if (info.name.ends_with(".plasticity.weight")) {  // not 1, times what dropout makes of a spike: there is a kink
        std::ranges::fill(parameters.values().subspan(info.offset, info.rows * info.stride), 0.8125);
        continue;
      }
      const bool weight = info.name.ends_with("weight"), bias = info.name.ends_with("bias");
      const double sigma = weight ? plan.gain / std::sqrt(fan_in(i)) : 0.05;
      const double mean = weight ? 0.0 : bias ? 0.1 : value_of(info.name);
      for (std::size_t r = 0; r < info.rows; ++r) {
        for (std::size_t c = 0; c < info.cols; ++c) {
          const double x = weight || bias ? mean + sigma * random.normal() : mean * (0.9 + 0.2 * random.uniform());
          parameters.view(i)(r, c) = as_float(weight && info.low == 0.0    ? std::fabs(x)
                                              : weight && info.high == 0.0 ? -std::fabs(x)
                                                                           : x);
        }
      }
    }
  }

  /// Outputs whose cells are the same, and not learned, have the same numbers.
  void share_low_pass() {
    const population& first = net.populations()[net.output(0).population];
    for (const network_output& o : net.output_list().subspan(1)) {
      const population& other = net.populations()[o.population];
      for (std::size_t k = 0; k < first.parameters.size() && other.cell == first.cell; ++k) {
        if (!net.parameters()[first.parameters[k]].learnable && !net.parameters()[other.parameters[k]].learnable) {
          parameters.view(other.parameters[k])(0, 0) = parameters.view(first.parameters[k])(0, 0);
        }
      }
    }
  }

  /// Synapses that a neuron receives over the connection that has this weight, on average.
  double fan_in(std::size_t weight) const {
    for (const connection& c : net.connections()) {
      if (c.weight == weight) {
        const auto synapses = static_cast<double>(synapse_count(c));
        return std::max(synapses / static_cast<double>(net.populations()[c.target].units), 1.0);
      }
    }
    return 1.0;
  }

  /// Over the whole range of delays, and away from where a window gains or loses a bin: there the kernel jumps a
  /// little.
  void draw_delays(const trial_plan& plan, const connection& c) {
    random_stream random(plan.seed, random_purpose::test, 2000 + c.delay_parameter);
    const parameter_info& info = net.parameters()[c.delay_parameter];
    for (std::size_t k = 0;
         c.kernel_width_parameter != no_parameter && k < net.parameters()[c.kernel_width_parameter].size(); ++k) {
      const parameter_info& width = net.parameters()[c.kernel_width_parameter];
      parameters.view(c.kernel_width_parameter)(k / width.cols, k % width.cols) =
          as_float(c.late.width.from * (c.late.width.learn ? 0.6 + 0.4 * random.uniform() : 1.0));
    }
    for (std::size_t k = 0; k < info.size(); ++k) {
      const std::size_t row = k / info.cols, column = k % info.cols;
      double width = 0.0;
      if (c.kernel_width_parameter != no_parameter) {
        width = c.late.width.learn ? parameters.view(c.kernel_width_parameter)(row, column)
                                   : parameters.view(c.kernel_width_parameter)(0, 0);
      }
      double delay = 0.0;
      do {
        delay = k % 7 == 0 ? 0.0 : k % 7 == 1 ? c.late.max : random.uniform() * c.late.max;  // the ends, too
        parameters.view(c.delay_parameter)(row, column) = as_float(delay);
      } while (near_jump(c, as_float(delay), width) && k % 7 > 1);
    }
  }

  static bool near_jump(const connection& c, double delay, double width) {
    constexpr double margin = 0.02;
    if (c.late.kernel == delay_kernel::linear) {
      return std::fabs(delay - std::round(delay)) < margin;
    }
    const double reach = delay_reach(width);
    const auto near_integer = [](double x) { return std::fabs(x - std::round(x)) < margin; };
    return near_integer(delay - reach) || near_integer(delay + reach);
  }

  double value_of(const std::string& name) const {
    for (const population& p : net.populations()) {
      for (const auto& [field, value] : p.spec.parameters) {
        if (p.spec.name + "." + field == name) {
          return value.value;
        }
      }
    }
    return 0.0;
  }

  target_set& targets_for(const network_output& o) {
    if (o.target.empty()) {
      return data;
    }
    data.further.emplace_back().name = o.target;
    return data.further.back();
  }

  void draw_data(const trial_plan& plan) {
    random_stream random(plan.seed, random_purpose::test, 1000);
    data.name = "random";
    data.channels = plan.network.inputs;
    data.dt = plan.network.dt;
    for (const network_output& o : net.output_list()) {
      target_set& to = targets_for(o);
      for (std::size_t c = 0; c < o.units; ++c) {
        to.class_names.push_back("class" + std::to_string(c));
      }
      for (std::size_t s = 0; s < plan.lengths.size(); ++s) {  // another order for each output
        to.labels.push_back(static_cast<std::int32_t>((s + s * o.first + o.first) % o.units));
      }
    }
    for (const std::size_t steps : plan.lengths) {
      add_sample(data, steps, plan, random);
    }
    samples.resize(data.size());
    std::iota(samples.begin(), samples.end(), 0u);
  }
};

/// A layer whose dynamics are quick enough to matter within ten steps, with every cell parameter off its default.
inline layer_spec quick_layer(const std::string& cell, std::uint32_t size, bool per_neuron = false) {
  layer_spec layer;
  layer.cell = cell;
  layer.size = size;
  const std::map<std::string, double> values{
      {"tau_m", 8.0},          {"tau_syn", 4.0},   {"tau_a", 6.0},    {"tau_w", 6.0},     {"tau", 9.0},
      {"tau_rise", 3.0},       {"beta", 0.3},      {"a", 1.5},        {"b", 0.6},         {"v_rh", 0.6},
      {"delta_t", 0.4},        {"tau_decay", 7.0}, {"tau_fast", 3.0}, {"tau_slow", 9.0},  {"tau_excitatory", 4.0},
      {"tau_inhibitory", 7.0}, {"v_th", 0.8},      {"v_reset", -0.2}, {"amplitude", 1.3}, {"frequency", 40.0},
      {"reset_strength", 0.9}, {"U", 0.4},         {"tau_d", 12.0},   {"tau_f", 6.0}};
  for (const field& f : find_cell(cell).parameters) {
    const auto known = values.find(std::string(f.name));
    layer.parameters[std::string(f.name)] = {known == values.end() ? f.initial : known->second, true,
                                             per_neuron ? parameter_sharing::neuron : parameter_sharing::layer};
  }
  return layer;
}

}  // namespace backspike::testing
