// Every time k dt falls in step k, in whatever type it arrives and however it was computed; what lies between the
// grid's times stays between them.

#include <backspike/core/time_grid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace backspike {
namespace {

constexpr double widths[] = {0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 1.0 / 3.0, 0.7, 12.5};  // [ms]
constexpr double units[] = {1e3, 1.0, 1e-3};                                              // s, ms, us in ms
constexpr std::uint32_t many = 1000000;

std::uint32_t after(std::uint32_t k) { return k + (k < 100000 ? 1 : 7); }

/// Nearest number of `bits` bits, to even; no limit of exponent but that of half precision below.
double kept_in(double x, int bits) {
  int exponent = 0;
  std::frexp(x, &exponent);
  const int last = std::max(exponent, bits == half_time ? -13 : -125) - bits;
  return std::ldexp(std::nearbyint(std::ldexp(x, -last)), last);
}

std::string place(double dt, double unit, std::uint32_t k) {
  return "dt " + std::to_string(dt) + ", unit " + std::to_string(unit) + ", k " + std::to_string(k);
}

TEST(TimeGrid, EveryMultipleIsItsOwnStepInDoubles) {
  for (const double dt : widths) {
    for (const double unit : units) {
      const time_grid grid(dt, unit, double_time);
      const double width = dt / unit;
      for (std::uint32_t k = 0; k <= many; k = after(k)) {
        ASSERT_EQ(grid.step_of(k * dt / unit), k) << place(dt, unit, k);
        ASSERT_EQ(grid.step_of(k * width), k) << place(dt, unit, k);
      }
    }
  }
}

TEST(TimeGrid, EveryMultipleIsItsOwnStepInFloats) {
  std::size_t early = 0;  // without slack
  for (const double dt : widths) {
    for (const double unit : units) {
      const time_grid grid(dt, unit, float_time);
      const auto width = static_cast<float>(dt / unit), by = static_cast<float>(unit), plain = static_cast<float>(dt);
      for (std::uint32_t k = 0; k <= many; k = after(k)) {
        const auto stored = static_cast<float>(k * dt / unit);
        early += std::floor(static_cast<double>(stored) * unit / dt) < k;
        ASSERT_EQ(grid.step_of(static_cast<double>(stored)), k) << place(dt, unit, k);
        ASSERT_EQ(grid.step_of(static_cast<double>(static_cast<float>(k) * width)), k) << place(dt, unit, k);
        ASSERT_EQ(grid.step_of(static_cast<double>(static_cast<float>(k) * plain / by)), k) << place(dt, unit, k);
      }
    }
  }
  EXPECT_GT(early, 500000u) << "the numbers tested are those that a plain floor puts too early";
}

TEST(TimeGrid, EveryMultipleIsItsOwnStepInHalfPrecisionAsFarAsItResolvesTheGrid) {
  std::size_t early = 0;
  for (const double dt : widths) {
    for (const double unit : {1e3, 1.0}) {
      const time_grid grid(dt, unit, half_time);
      for (std::uint32_t k = 0; k < 1024; ++k) {
        const double stored = kept_in(k * dt / unit, half_time);
        early += std::floor(stored * unit / dt) < k;
        ASSERT_EQ(grid.step_of(stored), k) << place(dt, unit, k);
      }
    }
  }
  EXPECT_GT(early, 5000u);
}

TEST(TimeGrid, WholeNumbersAreExact) {
  for (const double dt : {0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 0.7, 12.5}) {
    const time_grid grid(dt, 1e-3, exact_time);  // microseconds
    const auto width = static_cast<std::int64_t>(std::llround(dt * 1000));
    for (std::int64_t k = 0; k <= many; ++k) {
      ASSERT_EQ(grid.step_of(static_cast<double>(k * width)), k) << dt;
      ASSERT_EQ(grid.step_of(static_cast<double>(k * width + width - 1)), k) << dt << ": the last one of a step";
    }
  }
}

TEST(TimeGrid, WhatLiesBetweenStaysThere) {
  for (const double dt : widths) {
    const time_grid doubles(dt, 1e3, double_time), floats(dt, 1e3, float_time), halves(dt, 1e3, half_time);
    for (std::uint32_t k = 0; k < 200000; ++k) {
      for (const double part : {0.1, 0.5, 0.9}) {
        const double t = (k + part) * dt / 1e3;
        ASSERT_EQ(doubles.step_of(t), k);
        ASSERT_EQ(floats.step_of(static_cast<double>(static_cast<float>(t))), k);
      }
      if (k < 500) {
        ASSERT_EQ(halves.step_of(kept_in((k + 0.5) * dt / 1e3, half_time)), k);
      }
      ASSERT_EQ(doubles.step_of((k + 1 - 1e-9) * dt / 1e3), k);
    }
  }
}

/// Of the numbers that half precision has, only the one that stands for k dt is taken for it.
TEST(TimeGrid, HalfPrecisionGivesAwayNoMoreThanTheNearestNumber) {
  const time_grid grid(10.0, 1e3, half_time);
  for (std::uint32_t k = 1; k < 140; ++k) {
    const double on_grid = kept_in(k * 0.01, half_time);
    int exponent = 0;
    std::frexp(on_grid, &exponent);
    const double before = kept_in(on_grid - std::ldexp(1.0, exponent - half_time), half_time);
    ASSERT_EQ(grid.step_of(on_grid), k);
    ASSERT_EQ(grid.step_of(before), k - 1) << before;
  }
}

TEST(TimeGrid, StepsThatCoverATime) {
  for (const double dt : widths) {
    const time_grid grid(dt);
    for (std::uint32_t k = 0; k <= 100000; ++k) {
      ASSERT_EQ(grid.steps_until(k * dt), k) << place(dt, 1.0, k);
      ASSERT_EQ(grid.steps_until((k + 0.25) * dt), k + 1) << place(dt, 1.0, k);
    }
  }
  EXPECT_EQ(std::ceil(2.1 / 0.3), 8.0) << "what a plain ceil makes of seven steps";
  EXPECT_EQ(time_grid(0.3).steps_until(2.1), 7.0);
}

TEST(TimeGrid, WhatIsNoTimeIsTold) {
  const time_grid grid(1.0, 1e3, float_time);
  EXPECT_EQ(grid.step_of(-1e-9), -1.0);
  EXPECT_EQ(grid.step_of(-0.5), -500.0);
  EXPECT_TRUE(std::isnan(grid.step_of(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(grid.step_of(std::numeric_limits<double>::infinity()), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace backspike
