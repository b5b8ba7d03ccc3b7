// Attacks on values that look at losses or classes only: budgets that are kept, the same bits at any number of threads,
// more than noise of the same size reaches, a target, and budgets that are too small for any.

#include "gradient/trial.hpp"

#include <backspike/robustness/attack.hpp>
#include <backspike/robustness/sample_losses.hpp>

#include <gtest/gtest.h>

#include <string>

namespace backspike::testing {
namespace {

const std::vector<std::string> blind_attacks{"random_search", "spsa", "boundary"};

/// A small network that reads values, and samples whose labels are what it tells.
struct reader {
  trial t;
  arena<float> parameters;
  thread_pool pool;
  attack_samples samples;

  static trial_plan plan() {
    trial_plan plan;
    plan.seed = 2;
    plan.network.inputs = 6;
    plan.network.layers = {quick_layer("lif", 8), quick_layer("leaky_integrator", 3)};
    plan.network.layers[0].recurrent = true;
    plan.objective.readout = readout_kind::mean;
    plan.lengths = std::vector<std::size_t>(20, 10);
    plan.gain = 3.0;
    plan.graded = true;
    return plan;
  }
  explicit reader(std::size_t threads) : t(plan()), parameters(t.float_parameters()), pool(threads) {
    samples.data = t.data;
    sample_losses network(t.net, t.objective, pool);
    network.forward(parameters, t.batch());
    samples.data.labels.assign(network.predicted().begin(), network.predicted().end());
  }
  attack_result attack(const std::string& name, double budget, attack_norm norm = attack_norm::linf,
                       std::optional<std::int32_t> target = {}) {
    attack_options o;
    o.attack = name;
    o.budget = budget;
    o.norm = norm;
    o.queries = 200;
    o.target = target;
    return run_attack({t.net, t.objective, parameters, pool}, samples, o);
  }
};

TEST(WithoutGradient, KeepsTheBudgetOfEveryNorm) {
  reader r(1);
  for (const std::string& name : blind_attacks) {
    for (const attack_norm norm : {attack_norm::linf, attack_norm::l2, attack_norm::l1}) {
      const double budget = norm == attack_norm::linf ? 0.3 : norm == attack_norm::l2 ? 1.5 : 6.0;
      const attack_result found = r.attack(name, budget, norm);  // which throws where one is above it
      double largest = 0.0;
      for (const attacked_sample& a : found.samples) {
        largest = std::max(largest, a.size);
        EXPECT_LE(a.queries, 220u) << name;
        EXPECT_EQ(a.gradients, 0u) << name;
      }
      EXPECT_GT(largest, 0.2 * budget) << name << " moves nothing";
    }
  }
}

TEST(WithoutGradient, ReachesMoreThanNoise) {
  reader r(1);
  const double noise = r.attack("noise", 0.4).success_rate();
  for (const std::string& name : blind_attacks) {
    EXPECT_GE(r.attack(name, 0.4).success_rate(), noise) << name;
    EXPECT_GT(r.attack(name, 3.0).success_rate(), 0.8) << name;
    EXPECT_EQ(r.attack(name, 1e-6).success_rate(), 0.0) << name;
  }
}

TEST(WithoutGradient, HasTheSameBitsAtAnyNumberOfThreads) {
  for (const std::string& name : blind_attacks) {
    reader one(1), three(3);
    EXPECT_EQ(one.attack(name, 0.5).changed.data.inputs.spikes.values,
              three.attack(name, 0.5).changed.data.inputs.spikes.values)
        << name;
  }
}

TEST(WithoutGradient, TakesATarget) {
  reader r(1);
  const std::int32_t other = r.samples.data.labels[0] == 0 ? 1 : 0;
  for (const std::string& name : blind_attacks) {
    for (const attacked_sample& a : r.attack(name, 1.0, attack_norm::linf, other).samples) {
      EXPECT_EQ(a.success, a.attacked && a.after == other) << name;
    }
  }
}

}  // namespace
}  // namespace backspike::testing
