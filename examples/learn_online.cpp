// A stream without end: which of two sources is speaking, from the spikes of 40 channels? The learner names the source
// at every step and learns from the answer. Halfway the channels are swapped, as if somebody had turned the sensor
// round, and it has to find its way again without being told.

#include <backspike/core/random.hpp>
#include <backspike/online/online_learner.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

using namespace backspike;

constexpr std::uint32_t channels = 40, sources = 2, hidden = 64;
constexpr std::size_t steps = 40000, part = 4000;

arena<float> first_parameters(const network& net) {
  arena<float> parameters(net.parameters());
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      parameters.view(p.parameters[k])(0, 0) =
          static_cast<float>(p.spec.parameters.at(std::string(p.cell->parameters[k].name)).value);
    }
  }
  for (const connection& c : net.connections()) {
    random_stream random(1, random_purpose::weights, c.weight);
    const auto weight = parameters.view(c.weight);
    for (std::size_t r = 0; r < weight.rows; ++r) {
      std::generate_n(weight.row(r), weight.cols, [&] {
        return static_cast<float>(random.normal() / std::sqrt(static_cast<double>(weight.rows)));
      });
    }
  }
  return parameters;
}

int main() {
  layer_spec recurrent, readout;
  recurrent.size = hidden;
  recurrent.recurrent = true;
  recurrent.surrogate = {surrogate_kind::triangle, 1.0, 0.3};
  readout.cell = "leaky_integrator";
  readout.size = sources;
  readout.parameters["tau_m"].value = 8.0;
  network_spec spec;
  spec.inputs = channels;
  spec.layers = {recurrent, readout};

  const network net(spec);
  objective_spec objective;
  objective.loss = loss_kind::step_cross_entropy;
  online_options options;
  options.optimiser.kind = optimiser_kind::adam;
  options.update_every = 10;
  options.optimiser.learning_rate = 3e-4;
  options.rule.rates = {{"hidden1", 20.0, 0.1}};
  online_learner learner(net, objective, first_parameters(net), options);

  random_stream random(7, random_purpose::test);
  std::vector<std::uint32_t> spikes;
  std::size_t right = 0;
  double worst = 1.0, accuracy = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    const auto source = static_cast<std::int32_t>(t / 100 % sources);
    const bool turned = t >= steps / 2;
    spikes.clear();
    for (std::uint32_t c = 0; c < channels; ++c) {
      const bool loud = (c < channels / 2) == ((source == 0) != turned);
      if (random.uniform() < (loud ? 0.12 : 0.04)) {
        spikes.push_back(c);
      }
    }
    const auto y = learner.step(event_row{spikes, {}}, {source, {}});
    right += (y[1] > y[0] ? 1 : 0) == source ? 1 : 0;
    if ((t + 1) % part == 0) {
      accuracy = static_cast<double>(right) / part;
      worst = t >= steps / 2 ? std::min(worst, accuracy) : worst;
      std::printf("steps %5zu to %5zu%s: accuracy %.3f\n", t + 1 - part, t + 1, turned ? ", turned" : "", accuracy);
      right = 0;
    }
  }
  std::printf("after the turn %.3f, at the end %.3f\n", worst, accuracy);
  return accuracy > 0.85 && worst < accuracy ? 0 : 1;
}
