#pragma once
// Random problems for property tests of the learning rules: sizes, depth, cells, cycles, resets, surrogates, shared
// parameters, losses, what is asked of the number of spikes and ragged lengths all follow from one seed.

#include "gradient/trial.hpp"

#include <algorithm>

namespace backspike::testing {

/// Every cell of the library that can be a hidden layer.
inline std::vector<std::string> spiking_cells() {
  std::vector<std::string> names;
  for (const cell_info& cell : known_cells()) {
    if (cell.spiking) {
      names.emplace_back(cell.name);
    }
  }
  return names;
}

/// Those with several receptors, which graph_plan.hpp feeds, or the others.
inline std::vector<std::string> spiking_cells(bool of_receptors) {
  std::vector<std::string> names = spiking_cells();
  std::erase_if(names, [&](const std::string& name) { return find_cell(name).receptors.empty() == of_receptors; });
  return names;
}

/// Weights, in units of a standard deviation over the root of the fan-in, that make the cell fire within some ten
/// steps.
inline double lively_gain(const std::string& cell) { return cell == "lif" ? 2.5 : 4.0; }

inline layer_spec random_hidden(random_stream& random, bool may_recur) {
  const auto cells = spiking_cells(false);
  const bool per_neuron = random.below(2) == 1;  // one after the other: compilers draw arguments in orders of their own
  const std::uint32_t size = 2 + random.below(7);
  layer_spec layer = quick_layer(cells[random.below(static_cast<std::uint32_t>(cells.size()))], size, per_neuron);
  layer.surrogate = {static_cast<surrogate_kind>(random.below(std::uint32_t{enum_names<surrogate_kind>.size()})),
                     0.4 + random.uniform(), 0.5 + random.uniform()};
  layer.reset = static_cast<reset_kind>(random.below(3));
  layer.detach_reset = random.below(2) == 1;
  layer.bias = random.below(2) == 1;
  layer.recurrent = may_recur && random.below(3) > 0;
  return layer;
}

inline objective_spec random_objective(random_stream& random) {
  objective_spec objective;
  const auto losses = all_of<loss_kind>();
  objective.loss = losses[random.below(static_cast<std::uint32_t>(losses.size()))];
  objective.readout = static_cast<readout_kind>(random.below(5));
  objective.logit_scale = objective.readout == readout_kind::count ? 0.1 : 1.0;
  objective.label_smoothing = random.below(2) == 0 ? 0.0 : 0.1;
  objective.huber_delta = 0.3 + random.uniform();
  objective.rate_penalty = random.below(2) == 0 ? 0.0 : 0.02;
  objective.kernel_width = 1.0 + random.uniform();
  objective.tau = 1.0 + 3.0 * random.uniform();
  objective.silence_penalty = 2.0;
  objective.count_true = 4.0;
  if (random.below(4) == 0) {
    loss_spec term = objective;
    objective.weight = 0.5;
    term.loss = takes_values(objective.loss) ? loss_kind::mean_squared : loss_kind::step_cross_entropy;
    objective.terms.push_back(term);
  }
  return objective;
}

/// Bounds, targets and prices of hidden layers, each of them in some graphs; a budget in half of them.
inline void ask_of_activity(trial_plan& plan, std::uint64_t seed) {
  random_stream random(seed, random_purpose::test, 80);
  const auto some = [&](double weight) { return random.below(3) == 0 ? weight * (0.5 + random.uniform()) : 0.0; };
  for (std::size_t k = 0; k + 1 < plan.network.layers.size(); ++k) {
    const double lower = 50.0 + 200.0 * random.uniform();
    plan.network.layers[k].activity = {
        some(0.02), some(0.003), lower, some(1e-5), lower + 50.0, some(1e-5), 300.0 * random.uniform(), some(1e-5)};
  }
  plan.objective.synaptic_operations = {10.0 + 100.0 * random.uniform(), random.below(2) == 0 ? 0.0 : 0.1};
}

/// `spiking_output`: losses on spike trains get an output layer that spikes.
inline trial_plan random_plan(std::uint64_t seed, std::size_t most_hidden = 3, bool may_recur = true,
                              bool spiking_output = true) {
  random_stream random(seed, random_purpose::test, 77);
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 3 + random.below(8);
  const std::size_t hidden = 1 + random.below(static_cast<std::uint32_t>(most_hidden));
  for (std::size_t k = 0; k < hidden; ++k) {
    plan.network.layers.push_back(random_hidden(random, may_recur));
  }
  layer_spec readout = quick_layer("leaky_integrator", 2 + random.below(3));
  readout.bias = random.below(2) == 1;
  plan.objective = random_objective(random);
  const bool spikes = takes_spike_trains(plan.objective.loss) || plan.objective.readout == readout_kind::first_spike;
  if (spikes && spiking_output) {
    readout = random_hidden(random, false);
    readout.size = std::max(readout.size, 2u);
  }
  plan.network.layers.push_back(readout);
  ask_of_activity(plan, seed);
  plan.lengths.clear();
  for (std::size_t s = 0; s < 2 + random.below(3); ++s) {
    plan.lengths.push_back(1 + random.below(25));
  }
  plan.lengths.push_back(20);
  plan.rate = 0.2 + 0.3 * random.uniform();
  plan.graded = random.below(3) == 0;
  plan.gain = 4.0;
  return plan;
}

/// Delays for some of the connections of a plan, of every kind.
inline void give_delays(trial_plan& plan, std::uint64_t seed) {
  random_stream random(seed, random_purpose::test, 80);
  const auto draw = [&] {
    delay_spec d;
    d.per = static_cast<delay_sharing>(random.below(3));
    d.kernel = random.below(4) == 0 ? delay_kernel::linear : delay_kernel::gaussian;
    d.max = 1 + random.below(9);
    d.width.learn = random.below(2) == 0;
    d.width.from = 0.2 + 2.0 * random.uniform();
    return d;
  };
  for (layer_spec& layer : plan.network.layers) {
    layer.delay = random.below(3) > 0 ? draw() : delay_spec{};
    layer.recurrent_delay = layer.recurrent && random.below(3) > 0 ? draw() : delay_spec{};
  }
  plan.network.layers.front().delay = draw();
}

/// Of a value for each step of one output: spikes, if the loss compares with those.
inline float step_target(const output_objective& objective, double value, bool must_spike) {
  const bool spike = value > 0.8 || must_spike;
  return static_cast<float>(takes_spike_trains(objective.loss) ? (spike ? 1.0 : 0.0) : value);
}

/// Labels and values for each step of further outputs.
inline void give_further_targets(trial& t, std::uint64_t seed) {
  for (std::size_t k = 1; k < t.net.output_list().size(); ++k) {
    random_stream random(seed, random_purpose::test, 90 + k);
    const auto outputs = static_cast<std::uint32_t>(t.net.output(k).units);
    named_targets& to = t.data.further[k - 1];
    to.target_width = outputs;
    for (std::size_t row = 0; row < t.data.inputs.spikes.rows(); ++row) {
      const bool first = std::ranges::find(t.data.inputs.sample_rows, row) != t.data.inputs.sample_rows.end();
      to.step_labels.push_back(static_cast<std::int32_t>(random.below(outputs + 1)) - 1);
      for (std::uint32_t c = 0; c < outputs; ++c) {
        to.step_targets.push_back(step_target(t.objective.of(k), random.normal(), first && c == 0));
      }
    }
  }
}

/// Targets for every loss: labels and values for each step, and weights some of which are zero. Values of spike trains
/// are spikes, one of them, which counts, in the first step of every sample.
inline void give_step_targets(trial& t, std::uint64_t seed) {
  random_stream random(seed, random_purpose::test, 78);
  const auto outputs = static_cast<std::uint32_t>(t.net.output(0).units);
  const bool spikes = !every_output(t.objective, [](const loss_spec& l) { return !takes_spike_trains(l.loss); });
  t.data.target_width = outputs;
  for (std::size_t row = 0; row < t.data.inputs.spikes.rows(); ++row) {
    const bool first = std::ranges::find(t.data.inputs.sample_rows, row) != t.data.inputs.sample_rows.end();
    t.data.step_labels.push_back(static_cast<std::int32_t>(random.below(outputs + 1)) - 1);
    const bool counts = random.below(4) != 0 || (first && spikes);
    t.data.step_weights.push_back(counts ? static_cast<float>(0.5 + random.uniform()) : 0.0f);
    for (std::uint32_t c = 0; c < outputs; ++c) {
      t.data.step_targets.push_back(step_target(t.objective, random.normal(), first && c == 0));
    }
  }
  give_further_targets(t, seed);
}

}  // namespace backspike::testing
