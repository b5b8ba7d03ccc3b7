// Networks of convolutions and pools through every way in which a gradient is computed. Their neurons have shapes,
// their biases are shared by channels.

#include "gradient/dense_truncated.hpp"
#include "gradient/engine_and_dense.hpp"
#include "gradient/graph/clear_samples.hpp"
#include "gradient/graph/graph_plan.hpp"
#include "gradient/outcome.hpp"
#include "gradient/smooth_plan.hpp"

#include <backspike/gradient/directional.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/gradient/rtrl.hpp>
#include <backspike/online/online_learner.hpp>

#include <gtest/gtest.h>

namespace backspike::testing {
namespace {

layer_spec window_layer(const std::string& kind, const connection_settings& settings, const std::string& cell = "lif") {
  layer_spec layer = quick_layer(cell, 0, false);
  layer.kind = kind;
  layer.settings = settings;
  layer.bias = !find_connection(kind).fixed;
  layer.surrogate = {surrogate_kind::arctangent, 0.6, 1.1};
  layer.detach_reset = false;
  return layer;
}

/// A pair of windows before the readout; channels of the second convolution in every number that SIMD code may like or
/// not.
struct window_case {
  const char* name;
  grid_shape input;
  std::vector<layer_spec> layers;
  std::vector<connection_spec> connections{};
};

connection_spec shortcut(const std::string& from, const std::string& to) {
  connection_spec c;
  c.name = "shortcut";
  c.from = from;
  c.to = to;
  c.kind = "one_to_one";
  return c;
}

std::vector<window_case> cases() {
  const auto conv = [](const connection_settings& s) { return window_layer("conv2d", s); };
  std::vector<window_case> all{
      {"padded, then pooled",
       {2, 5, 6},
       {conv({{"channels", 3}, {"padding", 1}}), window_layer("sum_pool", {{"kernel", 2}}, "if")}},
      {"strides and dilation",
       {1, 7, 8},
       {conv({{"channels", 5}, {"kernel", 3}, {"kernel_width", 2}, {"stride", 2}, {"padding", 1}}),
        conv({{"channels", 4}, {"kernel", 2}, {"dilation", 2}, {"padding", 1}})}},
      {"groups, one for each channel",
       {4, 4, 4},
       {conv({{"channels", 6}, {"kernel", 2}, {"groups", 2}}),
        conv({{"channels", 6}, {"kernel", 3}, {"groups", 6}, {"padding", 1}})}},
      {"a mean, then wider again",
       {2, 6, 6},
       {window_layer("average_pool", {{"kernel", 3}, {"stride", 2}, {"padding", 1}}),
        window_layer("conv_transpose2d", {{"channels", 3}, {"stride", 2}, {"kernel", 3}, {"output_padding", 1}})}},
      {"seventeen channels",
       {2, 4, 3},
       {conv({{"channels", 17}, {"kernel", 2}}), conv({{"channels", 2}, {"kernel", 2}})}},
      {"forty channels, which threads share",
       {1, 4, 3},
       {conv({{"channels", 40}, {"kernel", 2}}), conv({{"channels", 33}, {"kernel", 2}})}},
      {"along a line",
       {3, 9},
       {window_layer("conv1d", {{"channels", 4}, {"stride", 2}, {"padding", 1}}),
        window_layer("conv1d", {{"channels", 2}, {"kernel", 2}, {"dilation", 2}, {"groups", 2}})}},
      {"a residual block",
       {2, 4, 4},
       {conv({{"channels", 3}, {"padding", 1}}), conv({{"channels", 3}, {"padding", 1}}),
        conv({{"channels", 3}, {"padding", 1}})},
       {shortcut("hidden1", "hidden3")}},
      {"sums in registers, three and five wide, and a pool of sixteen channels",
       {2, 6, 5},
       {conv({{"channels", 16}, {"kernel", 5}, {"padding", 2}}), window_layer("sum_pool", {{"kernel", 2}}),
        conv({{"channels", 32}, {"padding", 1}})}},
  };
  for (window_case& c : all) {
    c.layers.push_back(quick_layer("leaky_integrator", 3, false));
  }
  return all;
}

trial_plan plan_of(const window_case& c, std::uint64_t seed = 1) {
  trial_plan plan;
  plan.network.input_shape = c.input;
  plan.network.layers = c.layers;
  plan.network.connections = c.connections;
  plan.network.inputs = static_cast<std::uint32_t>(neurons_of(c.input));
  plan.objective = objective_of(loss_kind::cross_entropy, readout_kind::mean, 0.5, 0.0, 0.01);
  plan.seed = seed;
  return plan;
}

TEST(WindowGradient, DensePathEqualsFiniteDifferences) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    trial_plan plan = plan_of(c);
    plan.lengths = {4, 5};
    plan.rate = 0.4;
    if (network(plan.network).parameters().learnable_count() > 1000) {
      continue;  // differences would take minutes; the other tests compare it with the dense path
    }
    gradient_tolerances tolerances;
    tolerances.share = 0.2;
    check(plan, tolerances);
  }
}

TEST(WindowGradient, EngineEqualsTheDensePath) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    std::size_t alive = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      trial_plan plan = plan_of(c, seed);
      plan.lengths = {12, 9, 15};
      plan.graded = seed % 3 == 0;
      if (seed % 2 == 0) {  // errors to sources within the support only
        for (layer_spec& layer : plan.network.layers) {
          layer.surrogate = {surrogate_kind::triangle, 0.7, 1.0};
        }
      }
      trial t(plan);
      if (!keep_clear_samples(t)) {
        continue;
      }
      arena<double> expected(t.net.parameters());
      const auto sum = dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
      const outcome actual(t, {});
      EXPECT_EQ(static_cast<double>(actual.sums.hidden_spikes), sum.hidden_spikes);
      for (std::size_t k = 0; k < t.net.connections().size(); ++k) {  // what is fixed has no gradient in the engine
        const connection& connection = t.net.connections()[k];
        if (connection.info->fixed) {
          expected.view(connection.weight)(0, 0) = 0.0;
        }
      }
      const double top = largest_of(expected);
      expect_same_gradient(actual.gradient, expected, 1e-3, true, 1e-5 * top + 1e-9);
      alive += sum.hidden_spikes > 20.0 && top > 1e-3 ? 1 : 0;
    }
    EXPECT_GE(alive, 3U);
  }
}

TEST(WindowGradient, ThreadsAndCheckpointsDoNotChangeABit) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    trial_plan plan = plan_of(c);
    plan.lengths = {12, 9, 15};
    const trial t(plan);
    const outcome full(t, {});
    EXPECT_GT(full.sums.hidden_spikes, 20U);
    EXPECT_GT(full.norm(), 1e-4);
    EXPECT_TRUE(outcome(t, {}, 3).same_bits(full));
    EXPECT_TRUE(outcome(t, {}, 8).same_bits(full));
    EXPECT_TRUE(outcome(t, checkpoints_every(4), 2).same_bits(full));
  }
}

TEST(WindowGradient, RtrlEqualsTheDensePath) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    trial_plan plan = plan_of(c);
    plan.lengths = {5};
    const trial t(plan);
    arena<double> expected(t.net.parameters()), actual(t.net.parameters());
    dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
    rtrl_gradient(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &actual);
    for (const connection& k : t.net.connections()) {
      if (k.info->fixed) {
        expected.view(k.weight)(0, 0) = 0.0;
      }
    }
    const double top = largest_of(expected);
    EXPECT_GT(top, 1e-4);
    expect_same_gradient(actual, expected, 1e-9, true, 1e-11 * top + 1e-12);
  }
}

/// The largest error of a parameter's gradient, and the largest number of the one that is expected.
std::pair<double, double> distance_of(const arena<double>& actual, const arena<double>& expected,
                                      std::size_t parameter) {
  const auto a = actual.view(parameter), e = expected.view(parameter);
  double error = 0.0, top = 0.0;
  for (std::size_t k = 0; k < e.rows * e.cols; ++k) {
    error = std::max(error, std::fabs(a(k / e.cols, k % e.cols) - e(k / e.cols, k % e.cols)));
    top = std::max(top, std::fabs(e(k / e.cols, k % e.cols)));
  }
  return {error, top};
}

/// Of the last hidden layer, from which no way leads through another neuron.
TEST(WindowGradient, EpropOfTheLastHiddenLayerIsTheWholeGradient) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    std::size_t alive = 0, learned = 0;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      trial_plan plan = plan_of(c, seed);
      plan.lengths = {8, 6};
      plan.objective.rate_penalty = 0.0;
      const trial t(plan);
      arena<double> expected(t.net.parameters()), actual(t.net.parameters());
      dense_gradient<double>(t.net, t.objective, t.parameters, t.batch(), spike_mode::hard, &expected);
      const eprop_feedback feedback(t.net, {}, t.parameters);
      eprop_gradient(t.net, t.objective, t.parameters, {}, feedback, t.batch(), spike_mode::hard, &actual);
      const population& last = t.net.populations()[t.net.output(0).population - 1];
      for (const std::size_t parameter : {t.net.connections()[last.inputs.front()].weight, last.bias}) {
        if (parameter != no_parameter && t.net.parameters()[parameter].learnable) {
          const std::pair<double, double> found = distance_of(actual, expected, parameter);
          EXPECT_LT(found.first, 1e-9);
          alive += found.second > 1e-5 ? 1 : 0;
          ++learned;
        }
      }
    }
    EXPECT_GE(2 * alive, learned);
  }
}

TEST(WindowGradient, AStreamHasTheBitsOfTheEngine) {
  for (const window_case& c : cases()) {
    SCOPED_TRACE(c.name);
    trial_plan plan = plan_of(c);
    plan.lengths = {20};
    const trial t(plan);
    const auto parameters = t.float_parameters();
    thread_pool pool(1);
    engine simulation(t.net, {}, pool);
    online_options options;
    options.learns = false;
    online_learner stream(t.net, {}, parameters, options);
    const sample_recording expected = simulation.record(parameters, t.data, 0);
    bool moves = false;
    for (std::size_t n = 0; n < expected.steps; ++n) {
      const auto y = stream.infer(t.data.inputs.spikes.row(n));
      for (std::size_t k = 0; k < t.net.outputs(); ++k) {
        ASSERT_EQ(y[k], expected.readout[k][n]) << "step " << n;
        moves = moves || y[k] != y[0];
      }
    }
    EXPECT_TRUE(moves);
  }
}

}  // namespace
}  // namespace backspike::testing
