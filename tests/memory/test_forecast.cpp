// What the forecast says is what the heap holds at its fullest while training goes through an epoch and on, in every
// situation: 5 % less at most, which are threads, objects and the look inside, and 10 % more at most.

#include "memory/counting_new.hpp"
#include "memory/situations.hpp"

#include "gradient/random_graph.hpp"

#include <backspike/gradient/forecast.hpp>
#include <backspike/gradient/learning_rule.hpp>

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

class Forecast : public ::testing::TestWithParam<situation> {};

/// Bytes that the heap holds at most while the rule computes a gradient, evaluates, looks inside and goes on; the sums.
struct measurement {
  std::size_t bytes, allocations_again;  // the second: of another batch
  batch_result sums;
};

measurement measure(const trial& t, const situation& s) {
  const arena<float> parameters = t.float_parameters();
  arena<float> gradient(t.net.parameters());
  const std::size_t looked_at = std::min<std::size_t>(t.samples.size(), 8), before = live_bytes;
  peak_bytes = before;
  measurement m{};
  {
    thread_pool pool(s.threads);
    learning_rule learning(t.net, t.objective, pool, s.rule, 1);
    learning.start(parameters);
    m.sums = learning.gradient(parameters, t.batch(), gradient);
    learning.simulator().evaluate(parameters, t.batch());
    learning.simulator().health(parameters, {&t.data, std::span(t.samples).first(looked_at)}, gradient);
    const std::size_t earlier = allocations;
    learning.gradient(parameters, t.batch(), gradient);
    m.allocations_again = allocations - earlier;
  }
  m.bytes = peak_bytes - before;
  return m;
}

/// Spikes of hidden neurons, for each and step.
double activity_of(const trial& t, const batch_result& sums) {
  std::size_t hidden = 0;
  for (const population& p : t.net.populations()) {
    hidden += p.units;
  }
  hidden -= t.net.outputs();
  return static_cast<double>(sums.hidden_spikes) / static_cast<double>(sums.steps * hidden);
}

/// The same, forecast: what neither the data nor the parameters, their gradient and the optimiser need.
std::uint64_t forecast(const trial& t, const situation& s, double activity) {
  memory_forecast f = forecast_memory(t.net, t.data, t.samples.size(), s.threads, s.rule, activity);
  f.per_in_flight += objective_bytes(t.net, t.objective, t.data.longest(), t.samples.size());
  return f.total() - f.dataset - 4 * t.net.parameters().floats() * sizeof(float);
}

/// Of target spikes in a fifth of the steps a quarter stays: as many as the forecast assumes.
void thin_out(dataset& data) {
  for (std::size_t k = 0; k < data.step_targets.size(); ++k) {
    data.step_targets[k] = k % 4 == 0 ? data.step_targets[k] : 0.0f;
  }
}

TEST_P(Forecast, IsWhatTheHeapHoldsAtItsFullest) {
  trial t(GetParam().plan);
  if (takes_values(t.objective.loss)) {
    give_step_targets(t, 1);
    thin_out(t.data);
  }
  const measurement m = measure(t, GetParam());
  ASSERT_GT(m.sums.hidden_spikes, 50u);
  const double rate = activity_of(t, m.sums), forecasted = static_cast<double>(forecast(t, GetParam(), rate));
  const double ratio = forecasted / static_cast<double>(m.bytes);
  std::printf("%-24s forecast %8.3f MB  measured %8.3f MB  ratio %.3f  activity %.3f\n", GetParam().name.c_str(),
              forecasted / 1e6, static_cast<double>(m.bytes) / 1e6, ratio, rate);
  EXPECT_GT(m.bytes, 1000000u);
  EXPECT_GT(ratio, 0.95);
  EXPECT_LT(ratio, 1.1);
  EXPECT_LT(m.allocations_again, m.sums.steps / 2);  // none for each step: buffers are there
}

INSTANTIATE_TEST_SUITE_P(All, Forecast, ::testing::ValuesIn(situations()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace backspike::testing
