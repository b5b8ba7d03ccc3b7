// Deep networks of convolutions fire from the first step: initial weights follow the fan-in of a kernel and the rates
// that are measured layer by layer.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace backspike::testing {
namespace {

layer_spec window_layer(const std::string& kind, const connection_settings& settings) {
  layer_spec layer;
  layer.cell = "lif";
  layer.kind = kind;
  layer.settings = settings;
  layer.bias = kind == "conv2d";
  return layer;
}

TEST(WindowStart, FourConvolutionsFireFromTheFirstStep) {
  trial_plan plan;
  plan.network.input_shape = {2, 16, 16};
  plan.network.inputs = 512;
  for (const double channels : {16.0, 24.0, 32.0, 12.0}) {
    plan.network.layers.push_back(window_layer("conv2d", {{"channels", channels}, {"padding", 1}}));
  }
  plan.network.layers.push_back(window_layer("average_pool", {{"kernel", 4}}));
  plan.network.layers.push_back(quick_layer("leaky_integrator", 5));
  plan.lengths.assign(8, 30);
  plan.rate = 0.05;
  const trial t(plan);
  thread_pool pool(2);
  arena<float> parameters(t.net.parameters());
  initialise(t.net, parameters, 3, t.data, pool);
  predictions kept;
  engine simulation(t.net, {}, pool);
  const batch_result result = simulation.evaluate(parameters, {&t.data, t.samples}, &kept);
  for (std::size_t q = 0; q < 4; ++q) {
    const double spikes =
        static_cast<double>(std::accumulate(kept.spikes[q].begin(), kept.spikes[q].end(), std::uint64_t{0}));
    const double rate = spikes / static_cast<double>(result.steps * t.net.populations()[q].units);
    EXPECT_GT(rate, 0.01) << q;
    EXPECT_LT(rate, 0.3) << q;
  }
  EXPECT_EQ(std::as_const(parameters).view("hidden5.weight")(0, 0), 1.0F) << "the weight of a pool is fixed";
}

/// Ten convolutions with a maximum between them and, `residual`, shortcuts of weight 1 around every pair.
trial_plan deep_plan(bool residual, weight_transform transform) {
  trial_plan plan;
  plan.network.input_shape = {2, 12, 12};
  plan.network.inputs = 288;
  for (std::size_t k = 0; k < 10; ++k) {
    plan.network.layers.push_back(window_layer("conv2d", {{"channels", 8.0}, {"padding", 1.0}}));
    plan.network.layers.back().transform = transform;
    if (k == 4) {
      plan.network.layers.push_back(window_layer("max_pool", {{"kernel", 2.0}}));
    }
  }
  plan.network.layers.push_back(quick_layer("leaky_integrator", 5, false));
  for (layer_spec& layer : plan.network.layers) {
    layer.surrogate = layer.kind == "conv2d" ? surrogate_spec{surrogate_kind::fast_sigmoid, 0.5, 1.0} : layer.surrogate;
  }
  for (const std::size_t k : {1, 3, 7, 9}) {  // conv 1 and 3 before the pool, 7 and 9 behind it
    connection_spec shortcut;
    shortcut.from = "hidden" + std::to_string(k);
    shortcut.to = "hidden" + std::to_string(k + 2);
    shortcut.kind = "one_to_one";
    shortcut.init = weight_init::identity;
    shortcut.learn = false;
    if (residual) {
      plan.network.connections.push_back(shortcut);
    }
  }
  plan.lengths.assign(4, 20);
  plan.rate = 0.1;
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.5, 0.0, 0.0);
  return plan;
}

double norm_of(const arena<float>& gradient, std::size_t parameter) {
  const auto view = gradient.view(parameter);
  double sum = 0.0;
  for (std::size_t i = 0; i < view.rows * view.cols; ++i) {
    sum += std::pow(static_cast<double>(view(i / view.cols, i % view.cols)), 2);
  }
  return std::sqrt(sum);
}

/// No layer is silent and none fires always before the first step of training, and the first weights learn.
void expect_awake(const trial_plan& plan, double least_rate, double most_rate) {
  const trial t(plan);
  thread_pool pool(2);
  arena<float> parameters(t.net.parameters()), gradient(t.net.parameters());
  initialise(t.net, parameters, 3, t.data, pool);
  predictions kept;
  engine simulation(t.net, t.objective, pool);
  const batch_result result = simulation.evaluate(parameters, {&t.data, t.samples}, &kept);
  for (std::size_t q = 0; q + 1 < t.net.populations().size(); ++q) {
    const double spikes =
        static_cast<double>(std::accumulate(kept.spikes[q].begin(), kept.spikes[q].end(), std::uint64_t{0}));
    const double rate = spikes / static_cast<double>(result.steps * t.net.populations()[q].units);
    EXPECT_GT(rate, least_rate) << t.net.populations()[q].spec.name;
    EXPECT_LT(rate, most_rate) << t.net.populations()[q].spec.name;
  }
  simulation.gradient(parameters, {&t.data, t.samples}, gradient);
  const double first = norm_of(gradient, t.net.connections()[0].weight);
  const double last = norm_of(gradient, t.net.parameters().find("readout.weight"));
  EXPECT_GT(first, 1e-3 * last) << "the gradient of the first layer beside that of the readout";
  EXPECT_LT(first, 1e3 * last);
}

TEST(WindowStart, TenConvolutionsAreAwakeBeforeTheFirstStep) {
  expect_awake(deep_plan(false, weight_transform::none), 0.01, 0.3);
  expect_awake(deep_plan(false, weight_transform::standardise), 0.01, 0.3);
}

TEST(WindowStart, ResidualBlocksAreAwakeBeforeTheFirstStep) {
  expect_awake(deep_plan(true, weight_transform::none), 0.01, 0.5);
}

}  // namespace
}  // namespace backspike::testing
