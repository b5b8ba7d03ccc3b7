// Dropout and noise on the ways that random graphs do not go: wide and dense inputs, e-prop in both forms, runs without
// draws, error signals of the caller's own.

#include "gradient/engine_and_dense.hpp"
#include "gradient/outcome.hpp"

#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/gradient/unrolled.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

/// A recurrent layer, one behind it and a readout, with dropout of both, of the loop alone and of the input.
trial_plan random_layers(std::uint64_t seed = 1) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 20;
  layer_spec first = quick_layer("alif", 23), second = quick_layer("cuba_lif", 18);
  for (layer_spec* layer : {&first, &second}) {
    layer->surrogate = {surrogate_kind::fast_sigmoid, 0.5, 0.8};
    layer->bias = true;
  }
  first.dropout = 0.3;
  first.noise = 0.2;
  second.from = {{"hidden1", "input"}};
  second.dropout = 0.4;
  second.noise = 0.1;
  layer_spec readout = quick_layer("leaky_integrator", 3);
  readout.noise = 0.3;
  plan.network.layers = {first, second, readout};
  connection_spec loop, input;
  loop.name = "loop";
  loop.from = loop.to = "hidden1";
  loop.dropout = 0.2;
  input.name = "more";
  input.from = input_name;
  input.to = "hidden1";
  input.dropout = 0.5;
  plan.network.connections = {loop, input};
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 1.0, 0.0, 0.0);
  plan.lengths = {30, 22, 41, 35};
  plan.gain = 3.0;
  plan.draws = {seed, 4, true};
  return plan;
}

bool same_bits(const arena<float>& a, const arena<float>& b) {
  return std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

/// The same network without dropout and noise.
trial_plan without(trial_plan plan) {
  for (layer_spec& layer : plan.network.layers) {
    layer.dropout = layer.noise = 0.0;
  }
  for (connection_spec& c : plan.network.connections) {
    c.dropout = 0.0;
  }
  return plan;
}

TEST(DrawPaths, TheEngineEqualsTheDensePath) {
  for (const bool graded : {false, true}) {
    for (const double rate : {0.3, 1.0}) {  // events, and rows that are matrices even after dropout
      trial_plan plan = random_layers();
      plan.graded = graded;
      plan.rate = rate;
      plan.gain = rate < 1.0 ? 3.0 : 1.5;
      trial t(plan);
      expect_engine_equals_dense(t, 3e-4);
    }
  }
}

TEST(DrawPaths, WideInputsLoseTheirTilesAndKeepTheirBits) {
  trial_plan plan;
  plan.network.inputs = 4200;
  plan.network.layers = {quick_layer("lif", 1045), quick_layer("leaky_integrator", 3)};
  plan.network.layers[0].from = std::vector<std::string>{};
  plan.network.layers[0].dropout = 0.2;
  connection_spec input;
  input.name = "wide";
  input.from = input_name;
  input.to = "hidden1";
  input.dropout = 0.5;
  plan.network.connections = {input};
  plan.lengths = {6, 9, 7};
  plan.rate = 0.03;
  plan.gain = 14.0;
  plan.draws = {1, 1, true};
  trial t(plan);
  expect_engine_equals_dense(t);
  EXPECT_TRUE(outcome(t, checkpoints_every(4), 3).same_bits(outcome(t, {}, 2)));
}

TEST(DrawPaths, RunsWithoutDrawsAreThoseOfThePlainNetwork) {
  const trial t(random_layers()), plain(without(random_layers()));
  const arena<float> parameters = t.float_parameters();
  thread_pool pool(2);
  engine drawing(t.net, t.objective, pool), silent(plain.net, plain.objective, pool);
  arena<float> gradient(t.net.parameters()), expected(plain.net.parameters());
  const arena<float> same = plain.float_parameters();
  const batch_result drawn = drawing.gradient(parameters, t.batch(), gradient);  // leaves draws behind
  const batch_view batch{&t.data, t.samples};
  const batch_result without = silent.gradient(same, {&plain.data, plain.samples}, expected);
  EXPECT_NE(drawn.loss, without.loss);
  EXPECT_EQ(drawing.evaluate(parameters, batch).loss, without.loss);
  EXPECT_EQ(drawing.gradient(parameters, batch, gradient).loss, without.loss);
  EXPECT_TRUE(same_bits(gradient, expected));
  drawing.gradient(parameters, t.batch(), gradient);
  EXPECT_EQ(drawing.record(parameters, t.data, 1).readout, silent.record(same, plain.data, 1).readout);
}

TEST(DrawPaths, AnEpochIsAlwaysTheSameAndNoOtherIs) {
  trial t(random_layers());
  const outcome first(t, {});
  EXPECT_TRUE(outcome(t, {}).same_bits(first));
  t.draws.epoch = 5;
  EXPECT_FALSE(outcome(t, {}).same_bits(first));
  t.draws = {2, 4, true};
  EXPECT_FALSE(outcome(t, {}).same_bits(first));
}

TEST(DrawPaths, ASampleDrawsTheSameInAnyBatch) {
  trial t(random_layers());
  const double together = outcome(t, {}).sums.loss;
  double apart = 0.0;
  for (const std::uint32_t s : {3u, 1u, 0u, 2u}) {
    t.samples = {s};
    apart += outcome(t, {}).sums.loss;
  }
  EXPECT_NEAR(apart, together, 1e-12 * together);
}

/// Where no neuron reaches the readout but through its own spikes, e-prop has the gradient of BPTT: with masks, too.
TEST(DrawPaths, EpropIsExactWhereItWasWithoutDropout) {
  trial_plan plan = random_layers();
  plan.network.layers.erase(plan.network.layers.begin() + 1);
  plan.network.connections.erase(plan.network.connections.begin());  // the loop
  const trial t(plan);
  arena<double> expected(t.net.parameters()), actual(t.net.parameters());
  const auto sums = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
  const eprop_feedback feedback(t.net, {}, t.parameters);
  const auto by_traces =
      eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), spike_mode::hard, &actual);
  ASSERT_GT(sums.hidden_spikes, 20.0);
  EXPECT_NEAR(by_traces.loss, sums.loss, 1e-10 * sums.loss);
  expect_same_gradient(actual, expected, 1e-9);
}

TEST(DrawPaths, BothFormsOfEpropAgree) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    trial_plan plan = random_layers(seed);
    plan.network.connections[1].delay.per = delay_sharing::source;
    for (connection_spec& c : plan.network.connections) {
      c.delay.max = 4;
      c.delay.learn = false;
      c.delay.width.from = c.delay.width.to = 0.7;
    }
    trial t(plan);
    drop_close_calls_of_dense(t);
    const arena<float> parameters = t.float_parameters();
    const eprop_feedback feedback(t.net, {}, parameters);
    arena<double> forward(t.net.parameters());
    eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), spike_mode::hard, &forward);
    for (const std::uint32_t every : {1000u, 7u}) {
      rule_spec rule{rule_kind::eprop, checkpoint_kind::fixed, every};
      rule.form = eprop_form::backward;
      thread_pool pool(2);
      arena<float> backward(t.net.parameters());
      engine(t.net, t.objective, pool, rule).gradient(parameters, {}, feedback, t.batch(), backward);
      expect_same_gradient(backward, forward, 3e-4);
    }
  }
}

/// The outputs and the error on the input, also through a connection with dropout of its own, with delays and without.
TEST(DrawPaths, ErrorsOfTheCallersOwnGoBackThroughTheSameDraws) {
  for (const std::uint32_t late : {0u, 3u}) {
    trial_plan plan = random_layers();
    plan.network.connections[1].delay.max = late;
    const trial t(plan);
    thread_pool pool(2);
    unrolled run(t.net, pool);
    arena<float> gradient(t.net.parameters());
    const arena<float> parameters = t.float_parameters();
    const auto outputs = run.forward(parameters, t.batch(), true);
    const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
    auto e = dense_no_errors(m);
    arena<double> expected(t.net.parameters());
    for (const std::uint32_t s : t.samples) {
      const auto x = dense_forward(m, t.data, s, t.draws);
      for (std::size_t k = 0; k < x.populations.back().output.size(); ++k) {
        ASSERT_NEAR(outputs[run.first_row()[s] * t.net.outputs() + k], x.populations.back().output[k], 1e-4);
      }
      for (std::size_t q = 0; q < e.size(); ++q) {
        e[q].output.assign(x.populations[q].output.size(), q + 1 == e.size() ? 0.1 : 0.0);
      }
      dense_backward(m, x, t.data, s, e, expected);
    }
    dense_pull_back(m, e, expected);
    std::vector<float> error(outputs.size(), 0.1f), by_input(run.rows() * t.net.spec().inputs);
    run.backward(error, gradient, by_input);
    expect_same_gradient(gradient, expected, 1e-3);
    // The sum over the events of error on input times value is the sum over weights from the input of weight times
    // gradient: both are what the input as a whole contributes.
    double of_inputs = 0.0, of_weights = 0.0;
    for (const std::uint32_t s : t.samples) {
      for (std::size_t step = 0; step < t.data.inputs.length(s); ++step) {
        for (const std::uint32_t c : t.data.inputs.spikes.row(t.data.inputs.sample_rows[s] + step).channels) {
          of_inputs += by_input[(run.first_row()[s] + step) * t.net.spec().inputs + c];
        }
      }
    }
    for (const connection& c : t.net.connections()) {
      const auto w = t.parameters.view(c.weight);
      const auto g = expected.view(c.weight);
      for (std::size_t k = 0; c.comes_from_input() && k < w.rows * w.cols; ++k) {
        of_weights += w(k / w.cols, k % w.cols) * g(k / w.cols, k % w.cols);
      }
    }
    EXPECT_NEAR(of_inputs, of_weights, 1e-3 * std::max(1.0, std::fabs(of_weights)));
  }
}

/// A maximum leaves out the steps before the input has reached an output, and what is dropped reaches nobody: behind
/// the silent steps every output is below 0, and learns all the same.
TEST(DrawPaths, WhatIsDroppedReachesNoOutput) {
  trial_plan plan;
  plan.network.inputs = 2;
  layer_spec readout = quick_layer("leaky_integrator", 2);
  readout.from = std::vector<std::string>{};
  plan.network.layers = {readout};
  connection_spec input;
  input.name = "in";
  input.from = input_name;
  input.to = "readout";
  input.dropout = 0.5;
  plan.network.connections = {input};
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::max, 1.0, 0.0, 0.0);
  plan.lengths.assign(40, 6);
  plan.draws = {1, 1, true};
  trial t(plan);
  t.data.inputs = {};
  for (std::size_t s = 0; s < plan.lengths.size(); ++s) {  // input 0 in step 0, input 1 in step 3
    for (std::size_t step = 0; step < 6; ++step) {
      if (step % 3 == 0) {
        t.data.inputs.spikes.channels.push_back(static_cast<std::uint32_t>(step / 3));
      }
      t.data.inputs.spikes.end_row();
    }
    t.data.inputs.end_sample();
  }
  const auto weights = t.parameters.view(t.net.connections().front().weight);
  for (std::size_t k = 0; k < 4; ++k) {
    weights(k / 2, k % 2) = -0.5;
  }
  const auto first_is_dropped = [&](std::uint32_t s) {
    const sample_draws draws(t.net, t.draws, s);
    return draws.factors(0)[0] == 0.0f && draws.factors(0)[1] != 0.0f;
  };
  std::erase_if(t.samples, [&](std::uint32_t s) { return !first_is_dropped(s); });
  t.samples.resize(1);
  arena<double> by_dense(t.net.parameters()), by_rtrl(t.net.parameters()), by_traces(t.net.parameters());
  dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &by_dense);
  rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &by_rtrl);
  const eprop_feedback feedback(t.net, {}, t.parameters);
  eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), spike_mode::hard, &by_traces);
  const std::size_t weight = t.net.connections().front().weight;
  EXPECT_GT(std::fabs(std::as_const(by_dense).view(weight)(1, 0)), 0.01);
  EXPECT_EQ(std::as_const(by_dense).view(weight)(0, 0), 0.0);
  expect_same_gradient(by_rtrl, by_dense, 1e-10);
  expect_same_gradient(by_traces, by_dense, 1e-10);
  expect_same_gradient(outcome(t, {}).gradient, by_dense, 1e-4);
  expect_same_gradient(outcome(t, checkpoints_every(2)).gradient, by_dense, 1e-4);
}

}  // namespace
}  // namespace backspike::testing
