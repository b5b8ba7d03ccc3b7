// Gradients for chips: the one on a device is that of the network with the device's numbers, the worst network is
// within the mismatch and worse than the wanted one, and what is drawn depends on the step alone.

#include "gradient/trial.hpp"

#include <backspike/core/error.hpp>
#include <backspike/hardware/hardware_rule.hpp>

#include <gmock/gmock.h>

#include <cmath>

namespace backspike::testing {
namespace {

trial_plan plan_of(std::uint64_t seed) {
  trial_plan plan;
  plan.seed = seed;
  plan.network.inputs = 6;
  plan.network.layers = {quick_layer("lif", 16), quick_layer("leaky_integrator", 3)};
  plan.network.layers[0].name = "first";
  plan.network.layers[0].surrogate = {surrogate_kind::arctangent, 0.8, 1.0};
  plan.network.layers[1].name = "readout";
  plan.lengths = {14, 9, 20, 17};
  plan.gain = 3.0;
  return plan;
}

hardware_spec noisy(double sigma = 0.1) {
  hardware_spec spec;
  spec.mismatch = {{"*", mismatch_distribution::normal, sigma, true}};
  spec.training_noise = true;
  return spec;
}

struct problem {
  trial t;
  arena<float> parameters;
  thread_pool pool;

  explicit problem(std::size_t threads = 1) : t(plan_of(5)), parameters(t.net.parameters()), pool(threads) {
    std::ranges::transform(t.parameters.values(), parameters.values().begin(),
                           [](double x) { return static_cast<float>(x); });
  }
  batch_view batch() const { return {&t.data, t.samples}; }

  std::vector<float> gradient(const hardware_spec& spec, std::uint64_t step) {
    hardware_rule rule(t.net, t.objective, pool, {}, spec, 1);
    rule.start(parameters);
    arena<float> found(t.net.parameters());
    rule.gradient(parameters, batch(), step, found);
    return {found.values().begin(), found.values().end()};
  }
};

double size_of(const std::vector<float>& g) {
  double square = 0.0;
  for (const float x : g) {
    square += static_cast<double>(x) * x;
  }
  return std::sqrt(square);
}

TEST(HardwareRule, WithoutMismatchItIsTheGradientOfTheNetwork) {
  problem p;
  learning_rule plain(p.t.net, p.t.objective, p.pool, {}, 1);
  plain.start(p.parameters);
  arena<float> wanted(p.t.net.parameters());
  plain.gradient(p.parameters, p.batch(), wanted);
  const auto found = p.gradient(noisy(1e-6), 0);
  const std::vector<float> expected(wanted.values().begin(), wanted.values().end());
  ASSERT_GT(size_of(expected), 1e-3);
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], expected[k], 1e-3 * size_of(expected)) << k;
  }
}

TEST(HardwareRule, EachStepHasADeviceOfItsOwn) {
  problem one, three(3);
  const auto first = one.gradient(noisy(), 0);
  EXPECT_NE(first, one.gradient(noisy(), 1));
  EXPECT_EQ(first, one.gradient(noisy(), 0));
  EXPECT_EQ(first, three.gradient(noisy(), 0));
  ASSERT_GT(size_of(first), 1e-3);
}

/// The share of the worst network's gradient is linear, so that both parts can be told apart.
TEST(HardwareRule, TheWorstNetworkHasItsShare) {
  problem p;
  hardware_spec spec = noisy();
  spec.training_noise = false;
  spec.adversarial_steps = 3;
  const auto with_share = [&](double share) {
    spec.adversarial_weight = share;
    return p.gradient(spec, 0);
  };
  const auto none = with_share(0.0), half = with_share(0.5), all = with_share(1.0);
  ASSERT_NE(none, all);
  for (std::size_t k = 0; k < half.size(); ++k) {
    EXPECT_NEAR(half[k], 0.5 * (none[k] + all[k]), 1e-5 * (1.0 + size_of(all)));
  }
}

std::string refusal(const hardware_spec& spec) {
  problem p;
  try {
    const hardware_rule rule(p.t.net, p.t.objective, p.pool, {}, spec, 1);
  } catch (const value_error& e) {
    return e.what();
  }
  return "taken";
}

TEST(HardwareRule, TrainingWithoutMismatchIsRefused) {
  hardware_spec spec;
  spec.training_noise = true;
  EXPECT_THAT(refusal(spec), ::testing::HasSubstr("training_noise"));
  spec = {};
  spec.adversarial_steps = 2;
  spec.dead_synapses = 0.1;
  EXPECT_THAT(refusal(spec), ::testing::HasSubstr("adversarial_steps"));
}

}  // namespace
}  // namespace backspike::testing
