#pragma once
// A car in a valley that is too weak to drive up at once (Moore 1990; Sutton & Barto, example 10.1).

#include "environment/kinds/kind_base.hpp"

namespace backspike::environments {

struct mountain_car : kind_base {
  static constexpr std::string_view name = "MountainCar-v0";
  static constexpr std::string_view meaning = "a weak car in a valley that has to swing up; -1 for every step";

  static environment_plan plan(settings) {
    return {std::string(name), box({left, -fastest}, {right, fastest}), choices_of(3), 2, 200};
  }

  static void start(settings, random_stream& draws, std::span<double> s) {
    s[0] = -0.6 + 0.2 * draws.uniform();
    s[1] = 0.0;
  }

  static transition step(settings, std::span<double> s, std::span<const double> action) {
    constexpr double force = 0.001, gravity = 0.0025, goal = 0.5;
    s[1] += (action[0] - 1.0) * force + std::cos(3.0 * s[0]) * -gravity;
    s[1] = std::clamp(s[1], -fastest, fastest);
    s[0] = std::clamp(s[0] + s[1], left, right);
    if (s[0] == left && s[1] < 0.0) {
      s[1] = 0.0;
    }
    return {-1.0, s[0] >= goal && s[1] >= 0.0};
  }

  static void observe(settings, std::span<const double> s, std::span<float> y) { copy(s, y); }

 private:
  static constexpr double left = -1.2, right = 0.6, fastest = 0.07;
};

}  // namespace backspike::environments
