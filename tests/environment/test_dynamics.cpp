// Steps of the environments beside the mechanics that they come from, written another way: Lagrange's equations as a
// system of two, solved for the accelerations.

#include <backspike/environment/environment.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace backspike {
namespace {

constexpr double pi = std::numbers::pi;

/// Solves [a b; b d] (x, y) = (p, q).
std::array<double, 2> solve(double a, double b, double d, double p, double q) {
  const double determinant = a * d - b * b;
  return {(p * d - b * q) / determinant, (a * q - b * p) / determinant};
}

std::vector<double> state_of(const environment& e) {
  std::vector<double> saved = e.save();
  saved.resize(saved.size() - 2);
  return saved;
}

/// The environment's own next state from `state`.
std::vector<double> next(environment& e, const std::vector<double>& state, double action) {
  e.start_from(state);
  e.step(std::array{action});
  return state_of(e);
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t k = 0; k < a.size(); ++k) {
    EXPECT_NEAR(a[k], b[k], tolerance) << k;
  }
}

/// (m_c + m_p) x'' + m_p l cos theta theta'' = F + m_p l theta'^2 sin theta
/// m_p l cos theta x'' + 4/3 m_p l^2 theta'' = m_p g l sin theta
std::vector<double> cart_pole_step(const std::vector<double>& s, double action) {
  const double m_p = 0.1, l = 0.5, dt = 0.02, c = std::cos(s[2]), sine = std::sin(s[2]);
  const auto acc = solve(1.1, m_p * l * c, 4.0 / 3.0 * m_p * l * l,
                         (action == 1.0 ? 10.0 : -10.0) + m_p * l * s[3] * s[3] * sine, m_p * 9.8 * l * sine);
  return {s[0] + dt * s[1], s[1] + dt * acc[0], s[2] + dt * s[3], s[3] + dt * acc[1]};
}

TEST(Dynamics, CartPoleFollowsLagrange) {
  const auto e = make_environment("CartPole-v1");
  random_stream draws(3, random_purpose::test);
  for (int n = 0; n < 200; ++n) {
    const std::vector<double> s{draws.normal(), draws.normal(), 0.1 * draws.normal(), draws.normal()};
    const double action = draws.below(2);
    expect_near(next(*e, s, action), cart_pole_step(s, action), 1e-12);
  }
}

/// Two links of length 1 with their masses at the middle and inertia 1; theta = 0 hangs down.
std::array<double, 4> acrobot_rate(const std::array<double, 4>& s, double torque) {
  const double g = 9.8, c = std::cos(s[1]), sine = std::sin(s[1]);
  const double a = 3.5 + c, b = 1.25 + 0.5 * c, d = 1.25;  // 1/4 + 1 + (1 + 1/4 + cos) + 1, 1/4 + cos/2 + 1, 1/4 + 1
  const double gravity_2 = 0.5 * g * std::sin(s[0] + s[1]), gravity_1 = 1.5 * g * std::sin(s[0]) + gravity_2;
  const double centrifugal_1 = -0.5 * sine * (s[3] * s[3] + 2.0 * s[2] * s[3]),
               centrifugal_2 = 0.5 * sine * s[2] * s[2];
  const auto acc = solve(a, b, d, -gravity_1 - centrifugal_1, torque - gravity_2 - centrifugal_2);
  return {s[2], s[3], acc[0], acc[1]};
}

std::array<double, 4> moved(const std::array<double, 4>& s, const std::array<double, 4>& by, double factor) {
  return {s[0] + factor * by[0], s[1] + factor * by[1], s[2] + factor * by[2], s[3] + factor * by[3]};
}

TEST(Dynamics, AcrobotFollowsLagrangeByRungeKutta) {
  const auto e = make_environment("Acrobot-v1");
  random_stream draws(4, random_purpose::test);
  for (int n = 0; n < 200; ++n) {
    const std::array<double, 4> s{0.7 * draws.normal(), draws.normal(), draws.normal(), draws.normal()};
    const double action = draws.below(3), torque = action - 1.0;
    const auto k1 = acrobot_rate(s, torque), k2 = acrobot_rate(moved(s, k1, 0.1), torque);
    const auto k3 = acrobot_rate(moved(s, k2, 0.1), torque), k4 = acrobot_rate(moved(s, k3, 0.2), torque);
    auto to = moved(moved(moved(moved(s, k1, 0.2 / 6), k2, 0.2 / 3), k3, 0.2 / 3), k4, 0.2 / 6);
    to[0] = std::remainder(to[0], 2.0 * pi);
    to[1] = std::remainder(to[1], 2.0 * pi);
    const auto stepped = next(*e, {s.begin(), s.end()}, action);
    expect_near(stepped, {to.begin(), to.end()}, 1e-11);
    const bool up = -std::cos(to[0]) - std::cos(to[0] + to[1]) > 1.0;
    EXPECT_EQ(e->over(), up);
  }
}

TEST(Dynamics, AcrobotKeepsItsVelocitiesInTheirRange) {
  const auto e = make_environment("Acrobot-v1");
  const auto stepped = next(*e, {0.1, 0.2, 4.2 * pi, -9.5 * pi}, 1.0);
  EXPECT_LE(std::fabs(stepped[2]), 4.0 * pi);
  EXPECT_DOUBLE_EQ(std::fabs(stepped[3]), 9.0 * pi);
}

TEST(Dynamics, MountainCarStopsAtTheWallAndEndsAtTheFlag) {
  const auto e = make_environment("MountainCar-v0");
  expect_near(next(*e, {-0.5, 0.01}, 2.0),
              {-0.5 + 0.01 + 0.001 - 0.0025 * std::cos(1.5), 0.011 - 0.0025 * std::cos(1.5)}, 1e-15);
  expect_near(next(*e, {-1.19, -0.05}, 0.0), {-1.2, 0.0}, 0.0);
  expect_near(next(*e, {-0.2, 0.0699}, 2.0),
              {-0.2 + 0.0699 + 0.001 - 0.0025 * std::cos(0.6), 0.0709 - 0.0025 * std::cos(0.6)}, 1e-15);
  EXPECT_FALSE(e->over());
  e->start_from(std::array{0.49, 0.03});
  EXPECT_TRUE(e->step(std::array{2.0}).terminated);
}

/// J theta'' = m g l / 2 sin theta + torque, J = m l^2 / 3.
TEST(Dynamics, PendulumFollowsItsTorque) {
  const auto e = make_environment("Pendulum-v1");
  const double theta = 2.0, speed = 0.5, torque = 1.25;
  e->start_from(std::array{theta, speed});
  const transition t = e->step(std::array{torque});
  const double faster = speed + 0.05 * (10.0 / 2.0 * std::sin(theta) + torque) / (1.0 / 3.0);
  expect_near(state_of(*e), {theta + 0.05 * faster, faster}, 1e-14);
  EXPECT_NEAR(t.reward, -(theta * theta + 0.1 * speed * speed + 0.001 * torque * torque), 1e-9);
  EXPECT_NEAR(e->observation()[0], std::cos(theta + 0.05 * faster), 1e-7);
}

TEST(Dynamics, PendulumMeasuresItsAngleFromUprightAndClipsItsMotor) {
  const auto e = make_environment("Pendulum-v1");
  e->start_from(std::array{-7.0 * pi + 0.5, 0.0});
  EXPECT_NEAR(e->step(std::array{100.0}).reward, -((pi - 0.5) * (pi - 0.5) + 0.001 * 4.0), 1e-7);
  EXPECT_NEAR(state_of(*e)[1], 0.05 * (15.0 * std::sin(-7.0 * pi + 0.5) + 6.0), 1e-6);
}

}  // namespace
}  // namespace backspike
