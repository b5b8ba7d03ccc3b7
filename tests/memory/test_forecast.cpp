// What the forecast says is what the heap holds at its fullest, with and without checkpoints, short and long.

#include "memory/counting_new.hpp"

#include "gradient/trial.hpp"

#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <gtest/gtest.h>

#include <cstdio>

void* operator new(std::size_t n) { return backspike::testing::counted(std::malloc(n == 0 ? 1 : n)); }
void* operator new(std::size_t n, std::align_val_t a) {
  const auto unit = static_cast<std::size_t>(a);
  return backspike::testing::counted(std::aligned_alloc(unit, (n + unit - 1) / unit * unit));
}
void operator delete(void* p) noexcept { backspike::testing::give_back(p); }
void operator delete(void* p, std::size_t) noexcept { backspike::testing::give_back(p); }
void operator delete(void* p, std::align_val_t) noexcept { backspike::testing::give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { backspike::testing::give_back(p); }

namespace backspike::testing {
namespace {

struct memory_case {
  const char* name;
  std::size_t steps;
  std::uint32_t every;  // 0: full BPTT
  bool eprop = false;   // backward
};

class Forecast : public ::testing::TestWithParam<memory_case> {};

TEST_P(Forecast, IsWithinTenPercentOfTheMeasuredPeak) {
  trial_plan plan;
  plan.network.inputs = 40;
  layer_spec hidden = quick_layer("cuba_lif", 128);
  hidden.recurrent = true;
  plan.network.layers = {hidden, hidden, quick_layer("leaky_integrator", 4)};
  plan.rate = 0.05;
  plan.gain = 1.1;
  plan.lengths.assign(16, GetParam().steps);
  const trial t(plan);
  rule_spec rule;
  if (GetParam().every > 0) {
    rule = {rule_kind::checkpointed_bptt, checkpoint_kind::fixed, GetParam().every};
  }
  if (GetParam().eprop) {
    rule.kind = rule_kind::eprop;
    rule.form = eprop_form::backward;
    rule.rate_coefficient = 0.1;
  }
  const auto parameters = t.float_parameters();
  const std::size_t before = live_bytes;
  peak_bytes = before;
  batch_result sums;
  {
    thread_pool pool(2);
    arena<float> gradient(t.net.parameters());
    optimiser adam({}, t.net.parameters());
    learning_rule learning(t.net, t.objective, pool, rule, 1);
    learning.start(parameters);
    sums = learning.gradient(parameters, t.batch(), gradient);
  }
  ASSERT_GT(sums.hidden_spikes, 100u);
  const double measured =
      static_cast<double>(peak_bytes - before + t.net.parameters().floats() * sizeof(float));  // the parameters too
  const double rate = static_cast<double>(sums.hidden_spikes) / static_cast<double>(sums.steps) / 256.0;
  memory_forecast f = forecast_memory(t.net, t.data, t.samples.size(), 2, rule, rate);
  f.dataset = 0;
  EXPECT_NEAR(static_cast<double>(f.total()) / measured, 1.0, 0.1)
      << "forecast " << f.total() << ", measured " << measured << ", rate " << rate;
  std::printf("forecast / measured = %.3f (%.1f MB, %.3f spikes per neuron and step)\n",
              static_cast<double>(f.total()) / measured, measured / 1e6, rate);
}

INSTANTIATE_TEST_SUITE_P(All, Forecast,
                         ::testing::Values(memory_case{"Full100", 100, 0}, memory_case{"Full1000", 1000, 0},
                                           memory_case{"Every10Of1000", 1000, 10},
                                           memory_case{"Every32Of1000", 1000, 32},
                                           memory_case{"Every200Of1000", 1000, 200},
                                           memory_case{"Every64Of4000", 4000, 64},
                                           memory_case{"EpropFull1000", 1000, 1000, true},
                                           memory_case{"EpropEvery32Of1000", 1000, 32, true}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace backspike::testing
