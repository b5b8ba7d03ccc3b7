// What the losses on the number of spikes are for: they wake layers up, quieten them, and keep a budget.

#include "gradient/trial.hpp"

#include <backspike/gradient/engine.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace backspike::testing {
namespace {

constexpr std::size_t hidden = 24, steps = 60;

/// Twelve samples, one hidden layer; `gain` says how much it fires at first.
trial_plan plan_of(double gain) {
  trial_plan plan;
  plan.network.inputs = 20;
  layer_spec layer;
  layer.cell = "lif";
  layer.size = hidden;
  layer.surrogate = {surrogate_kind::fast_sigmoid, 0.5, 1.0};
  layer.bias = true;
  layer_spec readout;
  readout.cell = "leaky_integrator";
  readout.size = 3;
  plan.network.layers = {layer, readout};
  plan.lengths.assign(12, steps);
  plan.rate = 0.1;
  plan.gain = gain;
  return plan;
}

/// Rates of the hidden neurons over the batch [Hz], and operations of a sample.
struct activity_of {
  std::vector<double> rates;
  double operations = 0.0;
  double lowest() const { return *std::ranges::min_element(rates); }
  double highest() const { return *std::ranges::max_element(rates); }
  double distance_to(double target) const {
    double sum = 0.0;
    for (const double r : rates) {
      sum += std::fabs(r - target) / static_cast<double>(rates.size());
    }
    return sum;
  }
};

activity_of measure(const trial& t, engine& e, const arena<float>& parameters) {
  predictions kept;
  e.evaluate(parameters, t.batch(), &kept);
  activity_of seen;
  const auto samples = static_cast<double>(t.samples.size());
  for (const std::uint64_t n : kept.spikes[0]) {
    seen.rates.push_back(1000.0 * static_cast<double>(n) / (samples * steps));
    seen.operations += 3.0 * static_cast<double>(n) / samples;  // three outputs
  }
  return seen;
}

/// Before and after 400 updates of Adam on the whole batch, the rate falling to zero.
std::pair<activity_of, activity_of> train(const trial_plan& plan) {
  trial t(plan);
  std::fill_n(t.parameters.view("hidden1.bias").data, hidden, 0.0);
  arena<float> parameters = t.float_parameters(), gradient(t.net.parameters());
  thread_pool pool(2);
  engine e(t.net, t.objective, pool);
  optimiser steps_down(optimiser_spec{}, t.net.parameters());
  const activity_of before = measure(t, e, parameters);
  for (int k = 0; k < 400; ++k) {
    e.gradient(parameters, t.batch(), gradient);
    steps_down.step(parameters, gradient, 0.01 * (1.0 - k / 400.0), pool);
  }
  return {before, measure(t, e, parameters)};
}

TEST(ActivityTraining, ALowerBoundWakesASilentLayerUp) {
  trial_plan plan = plan_of(0.05);
  plan.objective.logit_scale = 0.0;  // the classes alone would wake it up too
  plan.network.layers[0].activity.lower = 10.0;
  EXPECT_EQ(train(plan).second.highest(), 0.0) << "without a weight nothing happens";
  plan.network.layers[0].activity.lower_weight = 0.05;
  const auto [before, after] = train(plan);
  EXPECT_EQ(before.highest(), 0.0);
  EXPECT_GT(after.lowest(), 8.0);
}

TEST(ActivityTraining, AnUpperBoundQuietensALayer) {
  trial_plan plan = plan_of(6.0);
  EXPECT_GT(train(plan).second.highest(), 60.0);
  plan.network.layers[0].activity.upper = 30.0;
  plan.network.layers[0].activity.upper_weight = 0.05;
  const auto [before, after] = train(plan);
  EXPECT_GT(before.highest(), 100.0);
  EXPECT_LT(after.highest(), 40.0);
  EXPECT_GT(after.highest(), 10.0) << "it bounds, it does not silence";
}

TEST(ActivityTraining, ATargetIsReached) {
  trial_plan plan = plan_of(3.0);
  plan.network.layers[0].activity.target = 40.0;
  plan.network.layers[0].activity.target_weight = 0.05;
  const auto [before, after] = train(plan);
  EXPECT_GT(before.distance_to(40.0), 25.0);
  EXPECT_LT(after.distance_to(40.0), 8.0);
}

TEST(ActivityTraining, ABudgetOfOperationsIsKept) {
  trial_plan plan = plan_of(6.0);
  plan.objective.readout = readout_kind::max;
  plan.objective.synaptic_operations.budget = 500.0;
  const auto free = train(plan);
  EXPECT_GT(free.first.operations, 1000.0);
  EXPECT_GT(free.second.operations, 1000.0);
  plan.objective.synaptic_operations.weight = 50.0;
  const auto [before, after] = train(plan);
  EXPECT_LT(after.operations, 525.0) << "5 % above the budget";
  EXPECT_GT(after.operations, 400.0) << "what is within the budget costs nothing";
}

}  // namespace
}  // namespace backspike::testing
