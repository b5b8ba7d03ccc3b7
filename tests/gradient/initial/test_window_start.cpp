// Deep networks of convolutions fire from the first step: initial weights follow the fan-in of a kernel and the rates
// that are measured layer by layer.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace backspike::testing
