// Cells of several receptors: trajectories against closed forms and against cells of one, and what keeps a conductance
// harmless.

#include "cell/simulation.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cuba_lif.hpp>
#include <backspike/cell/receptors/conductance_lif.hpp>
#include <backspike/cell/receptors/multisynapse_lif.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

namespace backspike {
namespace {

constexpr multisynapse_lif::parameters<double> two_currents{12.0, 3.0, 40.0, 1.0, -0.4, 0.75};
constexpr conductance_lif::parameters<double> two_conductances{20.0, 5.0, 10.0, 3.5, -0.5, 1.0, -0.2, 1.0};

/// The membrane after a unit of charge, dt = 0.5.
double charge_response(double tau_m, double tau_syn, double t) {
  return (std::exp(-t / tau_m) - std::exp(-t / tau_syn)) * tau_m / (tau_m - tau_syn);
}

TEST(MultisynapseSteps, EachReceptorHasTheResponseOfItsTimeConstant) {
  for (const std::size_t receptor : {0u, 1u}) {
    simulation<multisynapse_lif> x(two_currents, 0.5);
    x.feed({receptor == 0 ? 0.3 : 0.0, receptor == 1 ? 0.3 : 0.0});
    for (int k = 1; k <= 200; ++k) {
      EXPECT_EQ(x.feed({0.0, 0.0}), 0.0);
      EXPECT_NEAR(x.state.v, 0.3 * charge_response(12.0, receptor == 0 ? 3.0 : 40.0, 0.5 * k), 1e-14) << receptor;
    }
  }
}

TEST(MultisynapseSteps, TwoEqualTimeConstantsAreOneCurrent) {
  for (const reset_kind reset : {reset_kind::subtract, reset_kind::to_value, reset_kind::none}) {
    simulation<multisynapse_lif> x({12.0, 4.0, 4.0, 1.0, -0.4, 0.75}, 1.0);
    simulation<cuba_lif> one({12.0, 4.0, 1.0, -0.4, 0.75}, 1.0);
    x.spike = one.spike = hard(reset);
    double spikes = 0.0;
    for (int t = 0; t < 100; ++t) {
      const double fast = 0.3 * std::sin(0.7 * t), slow = 0.25;
      const double z = x.feed({fast, slow});
      EXPECT_EQ(z, one.step(fast + slow));
      EXPECT_NEAR(x.state.v, one.state.v, 1e-13);
      spikes += z;
    }
    EXPECT_GT(spikes, 3.0);
  }
}

/// Conductances that hardly fade: the membrane relaxes to their mean reversal potential with tau_m / G.
TEST(ConductanceSteps, IsExactForConductancesThatStay) {
  for (const double dt : {0.1, 1.0, 30.0}) {
    simulation<conductance_lif> x({20.0, 1e6, 1e6, 3.5, -0.5, 1e6, 0.0, 1.0}, dt);
    x.feed({0.6, 1.5});
    const double all = 1.0 + 0.6 + 1.5, target = (0.6 * 3.5 - 1.5 * 0.5) / all;
    for (int k = 1; k <= 30; ++k) {
      x.feed({0.0, 0.0});
      EXPECT_NEAR(x.state.v, target * (1.0 - std::exp(-k * dt * all / 20.0)), 3e-3 * dt) << dt;
    }
  }
}

/// The differential equations in steps of a thousandth: the error of the cell's own is of second order in dt.
double fine_membrane(double steps_of_a_ms, double until) {
  const double h = 1.0 / steps_of_a_ms;
  double g_e = 0.8, g_i = 0.4, v = 0.0;
  for (double t = 0.0; t < until - 0.5 * h; t += h) {
    const double e = g_e * std::exp(-0.5 * h / 5.0), i = g_i * std::exp(-0.5 * h / 10.0);
    const auto slope = [&](double u) { return (-u - e * (u - 3.5) - i * (u + 0.5)) / 20.0; };
    v += h * slope(v + 0.5 * h * slope(v));
    g_e *= std::exp(-h / 5.0);
    g_i *= std::exp(-h / 10.0);
  }
  return v;
}

double coarse_membrane(double dt, double until) {
  simulation<conductance_lif> x({20.0, 5.0, 10.0, 3.5, -0.5, 1e6, 0.0, 1.0}, dt);
  x.feed({0.8, 0.4});
  for (double t = 0.0; t < until - 0.5 * dt; t += dt) {
    x.feed({0.0, 0.0});
  }
  return x.state.v;
}

TEST(ConductanceSteps, FollowsTheDifferentialEquationsToSecondOrder) {
  const double exact = fine_membrane(4000.0, 12.0);
  const double coarse = std::fabs(coarse_membrane(2.0, 12.0) - exact);
  const double fine = std::fabs(coarse_membrane(0.5, 12.0) - exact);
  EXPECT_GT(exact, 0.2);
  EXPECT_LT(coarse, 0.02 * exact);
  EXPECT_GT(coarse, 1e-6);
  EXPECT_NEAR(coarse / fine, 16.0, 2.0);
}

/// Inhibition at rest: a reversal potential of 0 moves nothing by itself and divides what excitation does.
TEST(ConductanceSteps, ShuntingInhibitionDividesExcitation) {
  const conductance_lif::parameters<double> shunting{20.0, 5.0, 10.0, 3.5, 0.0, 1e6, 0.0, 1.0};
  simulation<conductance_lif> alone(shunting, 1.0), open(shunting, 1.0), only(shunting, 1.0);
  for (int t = 0; t < 50; ++t) {
    alone.feed({0.1, 0.0});
    open.feed({0.1, 0.5});
    only.feed({0.0, 0.5});
    EXPECT_EQ(only.state.v, 0.0);
  }
  EXPECT_GT(alone.state.v, 1.0);
  EXPECT_LT(open.state.v, 0.4 * alone.state.v);
}

TEST(ConductanceSteps, StaysBetweenItsReversalPotentialsWhateverTheWeights) {
  for (const double strength : {1.0, 1e3, 1e9}) {
    simulation<conductance_lif> x(two_conductances, 1.0);
    x.spike = hard(reset_kind::none);
    for (int t = 0; t < 200; ++t) {
      x.feed({strength * std::sin(0.9 * t), strength * std::cos(1.3 * t)});  // also negative, which opens nothing
      EXPECT_GE(x.state.v, -0.5);
      EXPECT_LE(x.state.v, 3.5);
    }
  }
}

TEST(ConductanceSteps, ANegativeConductanceIsNone) {
  simulation<conductance_lif> x(two_conductances, 1.0);
  for (int t = 0; t < 50; ++t) {
    x.feed({-5.0, -5.0});
    EXPECT_EQ(x.state.v, 0.0);
  }
  EXPECT_LT(x.state.g_e, -5.0);
}

TEST(Receptors, AreDeclaredOnceAndSurviveARefractoryPeriod) {
  for (const auto& [name, first, second] :
       {std::tuple("multisynapse_lif", "fast", "slow"), std::tuple("conductance_lif", "excitatory", "inhibitory")}) {
    for (const cell_info* cell : {&find_cell(name), find_cell(name).refractory}) {
      ASSERT_EQ(cell->inputs(), 2u);
      EXPECT_EQ(cell->receptors[0].name, first);
      EXPECT_EQ(cell->receptors[1].name, second);
      EXPECT_EQ(cell->columns(), cell->states.size() + 2 + cell->constants);
    }
  }
  EXPECT_EQ(find_cell("lif").inputs(), 1u);
  EXPECT_TRUE(find_cell("lif").receptors.empty());
}

}  // namespace
}  // namespace backspike
