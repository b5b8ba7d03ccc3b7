#pragma once
// A pendulum that a weak motor has to swing up and hold; the one here with continuous actions. theta = 0 is upright:
//
//   theta'' = 3 g / (2 l) sin theta + 3 / (m l^2) torque,    reward = -(theta^2 + 0.1 theta'^2 + 0.001 torque^2)

#include "environment/kinds/kind_base.hpp"

namespace backspike::environments {

struct pendulum : kind_base {
  static constexpr std::string_view name = "Pendulum-v1";
  static constexpr std::string_view meaning = "a pendulum to swing up with a weak motor; minus its cost";

  static environment_plan plan(settings) {
    return {std::string(name), box({1.0, 1.0, fastest}), box({strongest}), 2, 200};
  }

  static void start(settings, random_stream& draws, std::span<double> s) {
    s[0] = std::numbers::pi * (2.0 * draws.uniform() - 1.0);
    s[1] = 2.0 * draws.uniform() - 1.0;
  }

  static transition step(settings, std::span<double> s, std::span<const double> action) {
    constexpr double g = 10.0, dt = 0.05;
    // An action is of single precision in Gymnasium, and so is what is computed of it alone.
    const float torque = static_cast<float>(std::clamp(action[0], -strongest, strongest));
    const double angle = from_upright(s[0]);
    const double cost = angle * angle + 0.1 * (s[1] * s[1]) + static_cast<double>(0.001F * (torque * torque));
    s[1] += (3.0 * g / 2.0 * std::sin(s[0]) + static_cast<double>(3.0F * torque)) * dt;
    s[1] = std::clamp(s[1], -fastest, fastest);
    s[0] += s[1] * dt;
    return {-cost, false};
  }

  static void observe(settings, std::span<const double> s, std::span<float> y) {
    y[0] = static_cast<float>(std::cos(s[0]));
    y[1] = static_cast<float>(std::sin(s[0]));
    y[2] = static_cast<float>(s[1]);
  }

 private:
  static constexpr double fastest = 8.0, strongest = 2.0;

  /// In [-pi, pi).
  static double from_upright(double theta) {
    constexpr double turn = 2.0 * std::numbers::pi;
    const double rest = std::fmod(theta + std::numbers::pi, turn);
    return (rest < 0.0 ? rest + turn : rest) - std::numbers::pi;
  }
};

}  // namespace backspike::environments
