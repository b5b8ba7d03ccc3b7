#pragma once
// A small network with random weights and random images, whose labels are what it tells of them: every sample is right,
// and every change of a class is the attack's.

#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include "gradient/trial.hpp"

#include <algorithm>
#include <memory>

namespace backspike::testing {

struct attack_trial {
  static constexpr std::size_t rows = 3, columns = 4;
  std::unique_ptr<network> net;
  std::unique_ptr<arena<float>> parameters;
  objective_spec objective;
  attack_samples samples;
  thread_pool pool;

  /// hidden = 0: the readout alone, which is linear in its input.
  attack_trial(const encoder_spec& encoder, std::size_t hidden, std::size_t count = 12, std::uint64_t seed = 1,
               std::size_t threads = 1)
      : pool(threads) {
    const value_encoder coder(encoder, rows, columns, seed);
    network_spec spec;
    spec.inputs = coder.channels();
    if (hidden > 0) {
      spec.layers.push_back(quick_layer("lif", static_cast<std::uint32_t>(hidden), false));
      spec.layers.back().surrogate = {surrogate_kind::arctangent, 0.8, 1.0};
    }
    spec.layers.push_back(quick_layer("leaky_integrator", 3, false));
    net = std::make_unique<network>(spec);
    parameters = std::make_unique<arena<float>>(net->parameters());
    draw_parameters(seed);
    objective.readout = readout_kind::mean;
    draw_images(encoder, coder, count, seed);
    give_labels();
  }

  attack_problem problem() { return {*net, objective, *parameters, pool}; }
  attack_result attack(const attack_options& o) { return run_attack(problem(), samples, o); }

 private:
  void draw_parameters(std::uint64_t seed) {
    trial_plan plan;
    plan.network = net->spec();
    plan.gain = 4.0;
    plan.seed = seed;
    const trial drawn(plan);
    std::ranges::transform(drawn.parameters.values(), parameters->values().begin(),
                           [](double x) { return static_cast<float>(x); });
  }

  void draw_images(const encoder_spec& encoder, const value_encoder& coder, std::size_t count, std::uint64_t seed) {
    samples.values =
        encoded_values{.encoder = encoder, .rows = rows, .columns = columns, .seed = seed, .values{}, .streams{}};
    random_stream random(seed, random_purpose::test, 77);
    for (std::size_t k = 0; k < count * rows * columns; ++k) {
      samples.values->values.push_back(random.below(4) == 0 ? 0.0f : static_cast<float>(random.uniform()));
    }
    for (std::uint32_t s = 0; s < count; ++s) {
      samples.values->streams.push_back(s);
    }
    samples.data.channels = coder.channels();
    samples.data.class_names = {"a", "b", "c"};
    samples.data.inputs = encode(*samples.values, samples.values->values, 0, pool);
    samples.data.labels.assign(count, 0);
  }

  void give_labels() {
    sample_losses told(*net, objective, pool);
    const auto all = every_sample(samples.data);
    told.forward(*parameters, {&samples.data, all});
    samples.data.labels.assign(told.predicted().begin(), told.predicted().end());
  }
};

inline encoder_spec encoder_of(encoder_kind kind) {
  encoder_spec s;
  s.kind = kind;
  s.steps = 8;
  s.tau = 4.0;
  s.threshold = kind == encoder_kind::delta ? 0.1 : 0.2;
  s.rate = 300.0;
  s.fields = 3;
  return s;
}

}  // namespace backspike::testing
