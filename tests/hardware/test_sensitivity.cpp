// What mismatch costs: the trace of the probes is that of exact second derivatives, the devices beside it come out as
// predicted where they are close to the network, the control is of second order, and refusals have names.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/directional.hpp>
#include <backspike/hardware/sensitivity.hpp>

#include <gmock/gmock.h>

#include <cmath>

namespace backspike::testing {
namespace {

trial_plan plan_of(const std::string& hidden) {
  trial_plan plan;
  plan.seed = 5;
  plan.network.inputs = 6;
  plan.network.layers = {quick_layer(hidden, 12), quick_layer("leaky_integrator", 3)};
  plan.network.layers[0].name = "first";
  plan.network.layers[0].surrogate = {surrogate_kind::arctangent, 0.8, 1.0};
  plan.network.layers[1].name = "readout";
  plan.lengths = {14, 9, 20, 17};
  plan.gain = 3.0;
  return plan;
}

struct problem {
  trial t;
  arena<float> parameters;
  thread_pool pool;

  explicit problem(std::size_t threads = 1) : t(plan_of("lif")), parameters(t.net.parameters()), pool(threads) {
    std::ranges::transform(t.parameters.values(), parameters.values().begin(),
                           [](double x) { return static_cast<float>(x); });
  }
  sensitivity measure(const sensitivity_options& options) {
    return measure_sensitivity("trial", t.net, t.objective, parameters, t.data, options, pool);
  }
};

/// Weights of the readout: the loss has a second derivative by them on the hard network, too, and spikes do not move.
TEST(Sensitivity, TheTraceIsThatOfExactSecondDerivatives) {
  problem p;
  sensitivity_options options;
  options.match = "readout.weight";
  options.probes = 400;
  options.probe_sigma = 0.02;
  const sensitivity s = p.measure(options);
  arena<double> values(p.t.net.parameters());
  std::ranges::copy(p.parameters.values(), values.values().begin());
  const parameter_set of = find_parameters(p.t.net.parameters(), std::vector<std::string>{"readout.weight"});
  const mixed_matrix exact =
      mixed_derivatives(p.t.net, p.t.objective, values, of, of, {&p.t.data, p.t.samples}, spike_mode::hard);
  const auto weight = values.view("readout.weight");
  double trace = 0.0;
  for (std::size_t k = 0; k < exact.rows.size(); ++k) {
    const double w = weight(k / weight.cols, k % weight.cols);
    trace += 0.5 * w * w * exact.values[k * exact.columns.size() + k];
  }
  ASSERT_GT(std::abs(trace), 1e-4);
  EXPECT_NEAR(s.curvature, trace, 4.0 * s.curvature_error + 0.01 * std::abs(trace));
  EXPECT_LT(s.curvature_error, 0.2 * std::abs(trace));
}

TEST(Sensitivity, DevicesComeOutAsPredictedWhereTheyAreClose) {
  problem p;
  sensitivity_options options;
  options.match = "readout.weight";
  options.sigmas = {0.05, 0.2};
  options.devices = 400;
  options.probes = 200;
  const sensitivity s = p.measure(options);
  for (const sensitivity_point& point : s.points) {
    EXPECT_NEAR(point.deviation, point.predicted_deviation, 0.2 * point.predicted_deviation);
    EXPECT_NEAR(point.mean, point.predicted_mean,
                3.5 * point.deviation / std::sqrt(400.0) + 0.1 * point.predicted_mean);
  }
}

TEST(Sensitivity, TheControlIsOfSecondOrder) {
  problem p;
  const sensitivity s = p.measure({.devices = 2});
  EXPECT_EQ(s.control.left_out, "");
  EXPECT_NEAR(s.control.slope, 2.0, 0.1);
}

TEST(Sensitivity, PartsAddUpAndBelongToNeurons) {
  problem p;
  const sensitivity s = p.measure({.match = "first.*", .devices = 2});
  double of_parameters = 0.0, of_neurons = 0.0;
  for (const sensitivity_part& part : s.parameters) {
    of_parameters += part.curvature;
    EXPECT_THAT(part.name, ::testing::StartsWith("first."));
  }
  for (const sensitivity_part& part : s.neurons) {
    of_neurons += part.curvature;
    EXPECT_THAT(part.name, ::testing::StartsWith("first["));
  }
  ASSERT_NE(s.curvature, 0.0);
  EXPECT_NEAR(of_parameters, s.curvature, 1e-9 * (1.0 + std::abs(s.curvature)));
  EXPECT_NEAR(of_neurons, s.curvature, 1e-9 * (1.0 + std::abs(s.curvature)));
}

/// Constants that training leaves alone are off on a chip all the same.
TEST(Sensitivity, WhatIsNotLearnedMattersToo) {
  trial_plan plan = plan_of("lif");
  for (auto& [name, parameter] : plan.network.layers[0].parameters) {
    parameter.learn = false;
  }
  const trial t(plan);
  arena<float> parameters(t.net.parameters());
  std::ranges::transform(t.parameters.values(), parameters.values().begin(),
                         [](double x) { return static_cast<float>(x); });
  thread_pool pool(1);
  const sensitivity s = measure_sensitivity("trial", t.net, t.objective, parameters, t.data,
                                            {.match = "first.tau_m", .devices = 2}, pool);
  EXPECT_GT(s.slope, 0.0);
  ASSERT_EQ(s.parameters.size(), 1u);
  EXPECT_EQ(s.parameters.front().name, "first.tau_m");
}

TEST(Sensitivity, HasTheSameFiguresAtAnyNumberOfThreads) {
  problem one, three(3);
  EXPECT_EQ(to_json(one.measure({.devices = 3})), to_json(three.measure({.devices = 3})));
}

TEST(Sensitivity, RefusalsHaveNames) {
  const auto refusal = [](const sensitivity_options& options, bool silent = false) {
    problem p;
    if (silent) {
      p.parameters.fill(0.0f);
      clamp_to_ranges(p.parameters);
    }
    try {
      p.measure(options);
    } catch (const value_error& e) {
      return std::string(e.what());
    }
    return std::string("taken");
  };
  EXPECT_THAT(refusal({.sigmas = {-0.1}}), ::testing::HasSubstr("above 0"));
  EXPECT_THAT(refusal({.sigmas = {0.5}}), ::testing::HasSubstr("negative"));
  EXPECT_THAT(refusal({.match = "*.tau_n"}), ::testing::HasSubstr("first.tau_m"));
  EXPECT_THAT(refusal({.probes = 1}), ::testing::HasSubstr("at least 2"));
  EXPECT_THAT(refusal({.devices = 2}, true), ::testing::HasSubstr("silent"));
}

}  // namespace
}  // namespace backspike::testing
