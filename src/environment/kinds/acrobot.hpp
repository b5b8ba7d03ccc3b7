#pragma once
// Two links that hang from a pivot, with a motor between them, to be swung up (Sutton 1996; Sutton & Barto, section
// 11.3 of the first edition, whose equations these are). Links of 1 m and 1 kg, inertia 1; one Runge-Kutta step of
// fourth order over 0.2 s.

#include "environment/kinds/kind_base.hpp"

namespace backspike::environments {

struct acrobot : kind_base {
  static constexpr std::string_view name = "Acrobot-v1";
  static constexpr std::string_view meaning = "two links to swing up by the joint between them; -1 until the goal";

  static environment_plan plan(settings) {
    return {std::string(name), box({1.0, 1.0, 1.0, 1.0, fastest_1, fastest_2}), choices_of(3), 4, 500};
  }

  static void start(settings, random_stream& draws, std::span<double> s) { draw_uniform(draws, -0.1, 0.1, s); }

  static transition step(settings, std::span<double> s, std::span<const double> action) {
    const angles next = runge_kutta({s[0], s[1], s[2], s[3]}, action[0] - 1.0);
    s[0] = wrapped(next[0]);
    s[1] = wrapped(next[1]);
    s[2] = std::clamp(next[2], -fastest_1, fastest_1);
    s[3] = std::clamp(next[3], -fastest_2, fastest_2);
    const bool up = -std::cos(s[0]) - std::cos(s[1] + s[0]) > 1.0;
    return {up ? 0.0 : -1.0, up};
  }

  static void observe(settings, std::span<const double> s, std::span<float> y) {
    const double seen[] = {std::cos(s[0]), std::sin(s[0]), std::cos(s[1]), std::sin(s[1]), s[2], s[3]};
    copy(seen, y);
  }

 private:
  using angles = std::array<double, 4>;  // of both links, then their velocities
  static constexpr double fastest_1 = 4.0 * std::numbers::pi, fastest_2 = 9.0 * std::numbers::pi;

  static angles rate(const angles& s, double torque) {
    constexpr double g = 9.8, m = 1.0, l = 1.0, centre = 0.5, inertia = 1.0, right_angle = std::numbers::pi / 2.0;
    const double c = std::cos(s[1]), sine = std::sin(s[1]);
    const double d1 = m * centre * centre + m * (l * l + centre * centre + 2.0 * l * centre * c) + 2.0 * inertia;
    const double d2 = m * (centre * centre + l * centre * c) + inertia;
    const double phi2 = m * centre * g * std::cos(s[0] + s[1] - right_angle);
    const double phi1 = -m * l * centre * s[3] * s[3] * sine - 2.0 * m * l * centre * s[3] * s[2] * sine +
                        (m * centre + m * l) * g * std::cos(s[0] - right_angle) + phi2;
    const double acc2 = (torque + d2 / d1 * phi1 - m * l * centre * s[2] * s[2] * sine - phi2) /
                        (m * centre * centre + inertia - d2 * d2 / d1);
    return {s[2], s[3], -(d2 * acc2 + phi1) / d1, acc2};
  }

  static angles along(const angles& s, const angles& rate, double time) {
    angles next{};
    for (std::size_t k = 0; k < next.size(); ++k) {
      next[k] = s[k] + time * rate[k];
    }
    return next;
  }

  static angles runge_kutta(const angles& s, double torque) {
    constexpr double dt = 0.2;
    const angles k1 = rate(s, torque), k2 = rate(along(s, k1, dt / 2.0), torque);
    const angles k3 = rate(along(s, k2, dt / 2.0), torque), k4 = rate(along(s, k3, dt), torque);
    angles mean{};
    for (std::size_t k = 0; k < mean.size(); ++k) {
      mean[k] = k1[k] + 2.0 * k2[k] + 2.0 * k3[k] + k4[k];
    }
    return along(s, mean, dt / 6.0);
  }

  static double wrapped(double angle) {
    while (angle > std::numbers::pi) {
      angle -= 2.0 * std::numbers::pi;
    }
    while (angle < -std::numbers::pi) {
      angle += 2.0 * std::numbers::pi;
    }
    return angle;
  }
};

}  // namespace backspike::environments
