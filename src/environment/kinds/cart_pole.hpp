#pragma once
// A pole on a cart that is pushed to the left or to the right and must not fall. The equations are those of Barto,
// Sutton & Anderson (1983), without friction, as Florian (2007, "Correct equations for the dynamics of the cart-pole
// system", eq. 23 and 24) writes them; one Euler step of 20 ms.
//
//   theta'' = (g sin theta - cos theta u) / (l (4/3 - m_p cos^2 theta / m)),  u = (F + m_p l theta'^2 sin theta) / m
//   x''     = u - m_p l theta'' cos theta / m

#include "environment/kinds/kind_base.hpp"

namespace backspike::environments {

struct cart_pole : kind_base {
  static constexpr std::string_view name = "CartPole-v1";
  static constexpr std::string_view meaning = "a pole on a cart that is pushed left or right; 1 for every step";

  static environment_plan plan(settings) {
    return {std::string(name), box({2.0 * x_limit, unbounded, 2.0 * theta_limit, unbounded}), choices_of(2), 4, 500};
  }

  static void start(settings, random_stream& draws, std::span<double> s) { draw_uniform(draws, -0.05, 0.05, s); }

  static transition step(settings, std::span<double> s, std::span<const double> action) {
    constexpr double g = 9.8, m_p = 0.1, m = 1.0 + m_p, l = 0.5, tau = 0.02, push = 10.0;
    const double force = action[0] == 1.0 ? push : -push;
    const double c = std::cos(s[2]), sine = std::sin(s[2]);
    const double u = (force + m_p * l * (s[3] * s[3]) * sine) / m;
    const double theta_acc = (g * sine - c * u) / (l * (4.0 / 3.0 - m_p * (c * c) / m));
    const double x_acc = u - m_p * l * theta_acc * c / m;
    s[0] += tau * s[1];
    s[1] += tau * x_acc;
    s[2] += tau * s[3];
    s[3] += tau * theta_acc;
    return {1.0, std::fabs(s[0]) > x_limit || std::fabs(s[2]) > theta_limit};
  }

  static void observe(settings, std::span<const double> s, std::span<float> y) { copy(s, y); }

 private:
  static constexpr double x_limit = 2.4, theta_limit = 12.0 * 2.0 * std::numbers::pi / 360.0;
};

}  // namespace backspike::environments
