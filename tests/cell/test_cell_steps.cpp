// The discretisation contract: exact exponential integration; within a step decay, add the input, compare with the
// threshold, emit, reset. Trajectories against closed forms and against the ordinary differential equations.

#include "cell/simulation.hpp"

#include <backspike/cell/cell_kernels.hpp>
#include <backspike/cell/cells.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

namespace backspike {
namespace {

constexpr lif::parameters<double> lif_example{10.0, 1.0, -0.4, 0.75};
constexpr cuba_lif::parameters<double> cuba_example{12.0, 4.0, 1.0, -0.4, 0.75};

TEST(LifSteps, DecaysExactlyWhateverTheStep) {
  for (const double dt : {0.1, 1.0, 25.0}) {
    simulation<lif> x(lif_example, dt);
    x.step(0.8);
    EXPECT_EQ(x.state.v, 0.8);  // the input is not decayed in the step in which it arrives
    for (int k = 1; k <= 20; ++k) {
      x.step(0.0);
      EXPECT_NEAR(x.state.v, 0.8 * std::exp(-k * dt / 10.0), 1e-15);
    }
  }
}

TEST(LifSteps, ConstantInputGivesTheGeometricSum) {
  simulation<lif> x({10.0, 1e6, 0.0, 1.0}, 1.0);
  const double a = std::exp(-0.1);
  for (int k = 1; k <= 200; ++k) {
    x.step(0.3);
    EXPECT_NEAR(x.state.v, 0.3 * (1.0 - std::pow(a, k)) / (1.0 - a), 1e-13);
  }
}

TEST(LifSteps, SpikesInTheStepThatReachesTheThresholdThenResets) {
  const double a = std::exp(-0.1);
  const struct {
    reset_kind reset;
    double after;
  } cases[] = {{reset_kind::subtract, 1.5 - 0.75}, {reset_kind::to_value, -0.4}, {reset_kind::none, 1.5}};
  for (const auto& c : cases) {
    simulation<lif> x(lif_example, 1.0);
    x.spike = hard(c.reset);
    EXPECT_EQ(x.step(0.999), 0.0);
    EXPECT_EQ(x.step(1.5 - a * 0.999), 1.0);  // decay and input come before the comparison
    EXPECT_NEAR(x.state.v, c.after, 1e-15);
    EXPECT_EQ(x.step(0.0), c.reset == reset_kind::none ? 1.0 : 0.0);
    EXPECT_NEAR(x.state.v, a * c.after, 1e-15);  // what the next step decays is the membrane after the reset
  }
}

TEST(LifSteps, TheThresholdItselfFires) {
  simulation<lif> x(lif_example, 1.0);
  EXPECT_EQ(x.step(1.0), 1.0);
  simulation<lif> below(lif_example, 1.0);
  EXPECT_EQ(below.step(std::nextafter(1.0, 0.0)), 0.0);
}

TEST(LeakyIntegratorSteps, IsTheConvolutionWithTheExponential) {
  simulation<leaky_integrator> x({7.0}, 0.5);
  const std::vector<double> input{1.0, 0.0, -2.0, 0.5, 0.0, 0.0, 3.0};
  for (std::size_t t = 0; t < input.size(); ++t) {
    double expected = 0.0;
    for (std::size_t s = 0; s <= t; ++s) {
      expected += input[s] * std::exp(-0.5 * static_cast<double>(t - s) / 7.0);
    }
    EXPECT_NEAR(x.step(input[t]), expected, 1e-14);
  }
}

/// Membrane at the end of each step, from the differential equations by tiny midpoint steps; charge arrives at the
/// end of a step.
std::vector<double> integrate(double tau_m, double tau_syn, double dt, const std::vector<double>& charge) {
  constexpr int substeps = 20000;
  const double h = dt / substeps;
  const auto slope_i = [&](double i) { return -i / tau_syn; };
  const auto slope_v = [&](double v, double i) { return -v / tau_m + i / tau_syn; };
  std::vector<double> membrane;
  double i = 0.0, v = 0.0;
  for (const double q : charge) {
    for (int k = 0; k < substeps; ++k) {
      const double half_i = i + 0.5 * h * slope_i(i), half_v = v + 0.5 * h * slope_v(v, i);
      i += h * slope_i(half_i);
      v += h * slope_v(half_v, half_i);
    }
    i += q;
    membrane.push_back(v);
  }
  return membrane;
}

TEST(CubaLifSteps, FollowsTheDifferentialEquationOnTheGrid) {
  const std::vector<double> charge{1.0, 0.0, 0.0, -0.7, 0.0, 2.0, 0.3, 0.0, 0.0, 0.0};
  const struct {
    double tau_m, tau_syn, dt;
  } cases[] = {{12.0, 4.0, 1.0},      {4.0, 12.0, 1.0}, {5.0, 5.0, 1.0},
               {5.0, 5.0000001, 1.0}, {20.0, 0.5, 1.0}, {10.0, 10.01, 2.5}};
  for (const auto& c : cases) {
    simulation<cuba_lif> x({c.tau_m, c.tau_syn, 1e6, 0.0, 1.0}, c.dt);
    const std::vector<double> expected = integrate(c.tau_m, c.tau_syn, c.dt, charge);
    for (std::size_t t = 0; t < charge.size(); ++t) {
      x.step(charge[t]);
      EXPECT_NEAR(x.state.v, expected[t], 1e-8) << c.tau_m << ", " << c.tau_syn << ", step " << t;
    }
    EXPECT_GT(std::fabs(x.state.v), 1e-2);
  }
}

TEST(CubaLifSteps, CurrentMovesTheMembraneFromTheNextStepOn) {
  simulation<cuba_lif> x(cuba_example, 1.0);
  EXPECT_EQ(x.step(100.0), 0.0);
  EXPECT_EQ(x.state.v, 0.0);
  EXPECT_EQ(x.state.i, 100.0);
  EXPECT_EQ(x.step(0.0), 1.0);
}

TEST(CubaLifSteps, ResetActsOnTheMembraneAndLeavesTheCurrent) {
  for (const reset_kind reset : {reset_kind::subtract, reset_kind::to_value, reset_kind::none}) {
    simulation<cuba_lif> x(cuba_example, 1.0), free(cuba_example, 1.0);
    x.spike = hard(reset);
    free.spike = hard(reset_kind::none);
    x.step(10.0);
    free.step(10.0);
    x.step(1.0);
    free.step(1.0);
    const double v = free.state.v;
    ASSERT_GT(v, 1.0);
    const double after = reset == reset_kind::subtract ? v - 0.75 : reset == reset_kind::to_value ? -0.4 : v;
    EXPECT_NEAR(x.state.v, after, 1e-15);
    EXPECT_EQ(x.state.i, free.state.i);
  }
}

/// "For tau_syn -> 0 the neuron becomes lif", one step later: the whole charge arrives at once.
TEST(CubaLifSteps, VeryFastSynapseDeliversTheChargeOfALif) {
  simulation<cuba_lif> x({10.0, 0.01, 1e6, 0.0, 1.0}, 1.0);
  x.step(0.8);
  x.step(0.0);
  EXPECT_NEAR(x.state.v, 0.8 * std::exp(-0.1), 2e-3);
}

TEST(CubaLifSteps, GainIsSmoothWhereTheTimeConstantsMeet) {
  const auto gain = [](double tau_syn) { return cuba_lif::prepare<double>({5.0, tau_syn, 1.0, 0.0, 1.0}, 1.0).gain; };
  EXPECT_NEAR(gain(5.0), 0.2 * std::exp(-0.2), 1e-15);
  for (const double x : {1e-9, 1e-6, 9.9e-4, 1.01e-3, 1e-2}) {  // around the switch between series and expm1
    EXPECT_NEAR(expm1_over_x(x), 1.0 + x / 2 + x * x / 6 + x * x * x / 24 + x * x * x * x / 120, 3e-13);
    EXPECT_NEAR(expm1_over_x(-x), 1.0 - x / 2 + x * x / 6 - x * x * x / 24 + x * x * x * x / 120, 3e-13);
    const double slope = expm1_over_x(dual<double, 1>(x, 0)).d[0];
    EXPECT_NEAR(slope, 0.5 + x / 3 + x * x / 8 + x * x * x / 30, 1e-9);
  }
}

/// Every cell of the list: at rest it stays at rest, and the last state is the one that the threshold sees.
template <class Cell>
class AnyCell : public ::testing::Test {};

template <class Tuple>
struct as_types;
template <class... Cells>
struct as_types<std::tuple<Cells...>> {
  using type = ::testing::Types<Cells...>;
};
TYPED_TEST_SUITE(AnyCell, as_types<cell_list>::type);

template <class Cell>
typename Cell::template parameters<double> defaults() {
  typename Cell::template parameters<double> p;
  for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
    members<double>(p)[k] = Cell::fields[k].initial;
  }
  return p;
}

TYPED_TEST(AnyCell, IsAtRestWithoutInput) {
  simulation<TypeParam> x(defaults<TypeParam>(), 1.0);
  for (int t = 0; t < 50; ++t) {
    EXPECT_EQ(x.step(0.0), 0.0);
    for (std::size_t k = 0; k < state_count<TypeParam>; ++k) {
      EXPECT_EQ(members<double>(x.state)[k], 0.0);
    }
  }
}

TYPED_TEST(AnyCell, AnswersAStrongInput) {
  simulation<TypeParam> x(defaults<TypeParam>(), 1.0);
  double answered = 0.0;
  for (int t = 0; t < 20; ++t) {
    answered += x.step(5.0);
  }
  EXPECT_GT(answered, 2.0);
}

/// The distance to the threshold of a free step, and the membrane after it.
template <class Cell>
std::pair<double, double> free_step(const simulation<Cell>& x, double push) {
  double u = 0.0;
  auto free = x.state;
  members<double>(free)[state_count<Cell> - 1] += push;
  const auto input = input_of<Cell, double>([](std::size_t) { return 0.7; });
  Cell::step(free, x.constants, input, detail::recording_spike<double>(hard(reset_kind::none), &u));
  return {u, members<double>(free)[state_count<Cell> - 1]};
}

/// Initialisation aims at the spread of the last state in units of v_th. The distance to the threshold is that state
/// less v_th, where the threshold is at rest, and moves one for one with it, wherever adaptation has put the threshold.
TYPED_TEST(AnyCell, TheLastStateIsWhatTheThresholdSees) {
  if constexpr (!TypeParam::spiking) {
    GTEST_SKIP() << "an analog cell has no threshold";
  } else {
    simulation<TypeParam> x(defaults<TypeParam>(), 1.0);
    const auto [u_at_rest, v_at_rest] = free_step(x, 0.0);
    EXPECT_NEAR(v_at_rest - x.constants.v_th, u_at_rest, 1e-15);
    for (int t = 0; t < 20; ++t) {
      const auto [u, v] = free_step(x, 0.0);
      const auto [u_pushed, v_pushed] = free_step(x, 0.01);
      EXPECT_NEAR(v_pushed - v, u_pushed - u, 1e-15);
      EXPECT_GT(v_pushed, v);
      x.step(0.7);
    }
  }
}

}  // namespace
}  // namespace backspike
