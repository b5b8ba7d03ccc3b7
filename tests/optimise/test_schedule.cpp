// Learning rates over a run, by hand for each schedule.

#include <backspike/optimise/optimiser.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace backspike {
namespace {

constexpr double rate = 0.02;
constexpr std::uint64_t total = 200, per_epoch = 10;

optimiser_spec spec_of(schedule_kind kind) {
  optimiser_spec spec;
  spec.schedule = kind;
  spec.learning_rate = rate;
  return spec;
}

double at(const optimiser_spec& spec, std::uint64_t step) { return learning_rate_at(spec, step, total, per_epoch); }

double half_cosine(double share) { return 0.5 * (1.0 + std::cos(std::numbers::pi * share)); }

TEST(Schedule, ConstantIsTheRateAtEveryStep) {
  for (const std::uint64_t step : {0u, 1u, 100u, 199u, 500u}) {
    EXPECT_DOUBLE_EQ(at(spec_of(schedule_kind::constant), step), rate);
  }
}

TEST(Schedule, WarmupRisesLinearlyAndReachesTheRate) {
  optimiser_spec spec = spec_of(schedule_kind::constant);
  spec.warmup = 0.1;  // 20 steps
  for (std::uint64_t step = 0; step < 20; ++step) {
    EXPECT_NEAR(at(spec, step), rate * static_cast<double>(step + 1) / 20.0, 1e-15);
  }
  EXPECT_DOUBLE_EQ(at(spec, 20), rate);
  EXPECT_DOUBLE_EQ(at(spec, 199), rate);
}

TEST(Schedule, WarmupOverABrokenNumberOfStepsNeverExceedsTheRate) {
  optimiser_spec spec = spec_of(schedule_kind::constant);
  spec.warmup = 0.3;
  const double expected[] = {rate / 3, rate * 2 / 3, rate, rate, rate, rate, rate};  // 2.1 of 7 steps
  for (std::uint64_t step = 0; step < 7; ++step) {
    EXPECT_NEAR(learning_rate_at(spec, step, 7, 7), expected[step], 1e-15) << "step " << step;
  }
}

TEST(Schedule, StepReducesAtTheEndOfEveryPeriod) {
  optimiser_spec spec = spec_of(schedule_kind::step);
  spec.step_every = 4;  // epochs, 40 steps
  spec.step_factor = 0.5;
  EXPECT_DOUBLE_EQ(at(spec, 0), rate);
  EXPECT_DOUBLE_EQ(at(spec, 39), rate);
  EXPECT_DOUBLE_EQ(at(spec, 40), rate * 0.5);
  EXPECT_DOUBLE_EQ(at(spec, 79), rate * 0.5);
  EXPECT_DOUBLE_EQ(at(spec, 80), rate * 0.25);
  EXPECT_DOUBLE_EQ(at(spec, 199), rate * 0.0625);
}

TEST(Schedule, CosineFallsFromTheRateToItsFinalShare) {
  optimiser_spec spec = spec_of(schedule_kind::cosine);
  spec.final_rate = 0.1;
  for (const std::uint64_t step : {0u, 1u, 50u, 100u, 199u, 200u}) {
    const double share = static_cast<double>(step) / total;
    EXPECT_NEAR(at(spec, step), rate * (0.1 + 0.9 * half_cosine(share)), 1e-15) << "step " << step;
  }
  EXPECT_DOUBLE_EQ(at(spec, 0), rate);
  EXPECT_NEAR(at(spec, total / 2), rate * 0.55, 1e-15);
  EXPECT_NEAR(at(spec, total + 50), rate * 0.1, 1e-15) << "stays at the end's rate beyond it";
}

TEST(Schedule, CosineAfterAWarmupCoversTheRemainingSteps) {
  optimiser_spec spec = spec_of(schedule_kind::cosine);
  spec.warmup = 0.1;
  EXPECT_NEAR(at(spec, 9), rate * 0.5, 1e-15);
  EXPECT_DOUBLE_EQ(at(spec, 20), rate);
  EXPECT_NEAR(at(spec, 110), rate * 0.5, 1e-15);
  EXPECT_NEAR(at(spec, 200), 0.0, 1e-15);
}

TEST(Schedule, OneCycleRisesOverThreeTenthsAndFallsAlongACosine) {
  const optimiser_spec spec = spec_of(schedule_kind::one_cycle);
  for (std::uint64_t step = 0; step < 60; ++step) {
    EXPECT_NEAR(at(spec, step), rate * static_cast<double>(step + 1) / 60.0, 1e-15) << "step " << step;
  }
  for (std::uint64_t step = 60; step < total; ++step) {
    EXPECT_NEAR(at(spec, step), rate * half_cosine(static_cast<double>(step - 60) / 140.0), 1e-15) << "step " << step;
  }
}

TEST(Schedule, OneCycleTakesTheShareOfItsRiseFromTheWarmup) {
  optimiser_spec spec = spec_of(schedule_kind::one_cycle);
  spec.warmup = 0.5;
  EXPECT_NEAR(at(spec, 49), rate * 0.5, 1e-15);
  EXPECT_NEAR(at(spec, 99), rate, 1e-15);
  EXPECT_NEAR(at(spec, 150), rate * 0.5, 1e-15);
}

TEST(Schedule, DegenerateLengthsGiveAFiniteRate) {
  for (const auto kind :
       {schedule_kind::constant, schedule_kind::step, schedule_kind::cosine, schedule_kind::one_cycle}) {
    for (const std::uint64_t steps : {0u, 1u}) {
      const double value = learning_rate_at(spec_of(kind), 0, steps, 0);
      EXPECT_TRUE(std::isfinite(value));
      EXPECT_GE(value, 0.0);
      EXPECT_LE(value, rate);
    }
  }
}

}  // namespace
}  // namespace backspike
