// A network as a node of somebody else's graph: the engine's bits for the engine's error, and the error on its input.

#include <backspike/gradient/unrolled.hpp>

#include "gradient/compare.hpp"
#include "gradient/outcome.hpp"
#include "gradient/output_error.hpp"
#include "gradient/random_graph.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/dense.hpp>

#include <gtest/gtest.h>

#include <cstring>

namespace backspike::testing {
namespace {

TEST(Unrolled, HasTheBitsOfTheEngineOnRandomGraphs) {
  double spikes = 0.0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    trial_plan plan = random_plan(seed);
    for (layer_spec& layer : plan.network.layers) {
      layer.activity = {};  // a node of another program's graph has that program's loss
    }
    plan.objective.rate_penalty = 0.0;
    plan.objective.synaptic_operations.weight = 0.0;
    if (seed % 10 == 0) {  // more samples than the engine has in flight
      plan.lengths.assign(70, 9);
    }
    trial t(plan);
    give_step_targets(t, seed);
    const outcome expected(t, {});
    const auto parameters = t.float_parameters();
    thread_pool pool(1 + seed % 3);
    unrolled u(t.net, pool);
    arena<float> gradient(t.net.parameters());
    const auto outputs = u.forward(parameters, t.batch(), true);
    u.backward(error_of(t, outputs, u.first_row()), gradient);
    EXPECT_EQ(std::memcmp(gradient.values().data(), expected.gradient.values().data(), gradient.values().size_bytes()),
              0);
    spikes += static_cast<double>(expected.sums.hidden_spikes);
    const std::vector<float> kept(outputs.begin(), outputs.end());
    EXPECT_TRUE(std::ranges::equal(u.forward(parameters, t.batch(), false), kept)) << "nothing kept, same outputs";
  }
  EXPECT_GT(spikes, 40.0 * 10.0);
}

/// Channel `inputs + t` spikes in step t only and has no weight: the gradient of its weights is the error on the
/// currents of that step, from which the error on every input follows.
TEST(Unrolled, ErrorOnInputsIsThatOnCurrentsThroughTheWeights) {
  trial_plan plan = random_plan(3);
  const std::uint32_t inputs = plan.network.inputs, steps = 20;
  plan.network.inputs += steps;
  plan.lengths = {};
  plan.objective = {};
  trial t(plan);
  events& e = t.data.inputs.spikes;
  random_stream random(3, random_purpose::test, 80);
  for (std::uint32_t step = 0; step < steps; ++step) {
    for (std::uint32_t c = 0; c < inputs; ++c) {
      if (random.uniform() < 0.4) {
        e.channels.push_back(c);
      }
    }
    e.channels.push_back(inputs + step);
    e.end_row();
  }
  t.data.inputs.end_sample();
  t.data.labels = {1};
  t.samples = {0};
  const auto weight = t.parameters.view("hidden1.weight");
  for (std::size_t r = inputs; r < weight.rows; ++r) {
    std::fill_n(weight.row(r), weight.cols, 0.0);
  }
  e.values.clear();
  const auto parameters = t.float_parameters();
  thread_pool pool(1);
  unrolled u(t.net, pool);
  arena<float> gradient(t.net.parameters());
  const auto outputs = u.forward(parameters, t.batch(), true);
  std::vector<float> at_inputs(steps * plan.network.inputs, 7.0f);
  u.backward(error_of(t, outputs, u.first_row()), gradient, at_inputs);
  const auto on_currents = gradient.view("hidden1.weight");
  double norm = 0.0;
  for (std::uint32_t step = 0; step < steps; ++step) {
    for (std::uint32_t c = 0; c < plan.network.inputs; ++c) {
      double expected = 0.0;
      for (std::size_t n = 0; n < weight.cols; ++n) {
        expected += weight(c, n) * static_cast<double>(on_currents(inputs + step, n));
      }
      EXPECT_NEAR(at_inputs[step * plan.network.inputs + c], expected, 1e-5 * (1.0 + std::fabs(expected)));
      norm += expected * expected;
    }
  }
  EXPECT_GT(norm, 1e-6);
}

TEST(Unrolled, StatesAndSpikesAreThoseOfTheDensePath) {
  trial_plan plan;
  plan.network.inputs = 8;
  layer_spec hidden = quick_layer("cuba_lif", 12);
  hidden.recurrent = true;
  plan.network.layers = {hidden, quick_layer("leaky_integrator", 3)};
  plan.lengths = {15, 0, 9};
  const trial t(plan);
  const auto parameters = t.float_parameters();
  thread_pool pool(2);
  unrolled u(t.net, pool);
  u.forward(parameters, t.batch(), true);
  const dense_model<double> m(t.net, t.parameters, spike_mode::hard);
  std::size_t spikes = 0;
  for (std::uint32_t s = 0; s < t.data.size(); ++s) {
    const auto dense = dense_forward(m, t.data, s);
    for (std::size_t q = 0; q < 2; ++q) {
      const std::size_t units = t.net.populations()[q].units, states = t.net.populations()[q].cell->states.size();
      for (std::size_t k = 0; k < states; ++k) {
        const auto values = u.state(q, s, k);
        ASSERT_EQ(values.size(), dense.steps * units);
        for (std::size_t step = 0; step + 1 < dense.steps; ++step) {
          for (std::size_t n = 0; n < units; ++n) {  // the dense path keeps the states before each step
            EXPECT_NEAR(values[step * units + n], dense.populations[q].before[((step + 1) * units + n) * states + k],
                        1e-5);
          }
        }
      }
    }
    for (std::size_t step = 0; step < dense.steps; ++step) {
      for (const std::uint32_t n : u.spikes(0, s).row(step).channels) {
        EXPECT_EQ(dense.populations[0].output[step * 12 + n], 1.0);
        ++spikes;
      }
    }
  }
  EXPECT_GT(spikes, 20u);
}

TEST(Unrolled, RefusesWhatDoesNotFit) {
  const trial t(random_plan(5));
  const auto parameters = t.float_parameters();
  thread_pool pool(1);
  unrolled u(t.net, pool);
  arena<float> gradient(t.net.parameters());
  std::vector<float> error;
  EXPECT_THROW(u.backward(error, gradient), value_error) << "nothing has run";
  EXPECT_THROW(u.forward(parameters, {&t.data, {}}, true), value_error);
  const std::uint32_t beyond[] = {99};
  EXPECT_THROW(u.forward(parameters, {&t.data, beyond}, true), value_error);
  error.resize(u.forward(parameters, t.batch(), true).size());
  EXPECT_THROW(u.backward(std::span(error).first(1), gradient), shape_error);
  std::vector<float> inputs(3);
  EXPECT_THROW(u.backward(error, gradient, inputs), shape_error);
  u.backward(error, gradient);
  EXPECT_THROW(u.backward(error, gradient), value_error) << "used up";
}

}  // namespace
}  // namespace backspike::testing
