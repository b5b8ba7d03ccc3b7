// The refractory period: how long neurons are silent, what is held and what goes on, and that it has no gradient.

#include "cell/simulation.hpp"

#include <backspike/cell/cell_info.hpp>
#include <backspike/cell/cells.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike {
namespace {

spike_function with_period(double steps, reset_kind reset = reset_kind::subtract) {
  return {surrogate_spec{}, reset, true, spike_mode::hard, steps};
}

template <class Cell>
typename Cell::template parameters<double> defaults() {
  typename Cell::template parameters<double> p;
  for (std::size_t k = 0; k < parameter_count<Cell>; ++k) {
    members<double>(p)[k] = Cell::fields[k].initial;
  }
  return p;
}

/// Steps between spikes under a drive that makes the plain cell spike in every step or every other one.
TEST(Refractory, ADrivenNeuronSpikesEveryNPlusOneSteps) {
  for (int n = 1; n <= 5; ++n) {
    for (const reset_kind reset : {reset_kind::subtract, reset_kind::to_value, reset_kind::none}) {
      simulation<refractory<lif>> x(defaults<lif>(), 1.0);
      x.spike = with_period(n, reset);
      for (int t = 0; t < 40; ++t) {
        EXPECT_EQ(x.step(3.0), t % (n + 1) == 0 ? 1.0 : 0.0) << "step " << t << ", " << n << " steps";
      }
    }
  }
}

TEST(Refractory, HoldsTheMembraneAndLosesItsInput) {
  simulation<refractory<lif>> x({10.0, 1.0, -0.3, 1.0}, 1.0);
  x.spike = with_period(3, reset_kind::to_value);
  EXPECT_EQ(x.step(1.5), 1.0);
  const double held = x.state.own.v;
  EXPECT_NEAR(held, -0.3, 1e-15);
  for (int t = 0; t < 3; ++t) {
    EXPECT_EQ(x.state.left, 3.0 - t);
    EXPECT_EQ(x.step(100.0), 0.0);
    EXPECT_EQ(x.state.own.v, held);
  }
  EXPECT_EQ(x.state.left, 0.0);
  x.step(0.5);
  EXPECT_NEAR(x.state.own.v, 0.5 + held * std::exp(-0.1), 1e-15);  // as if no time had passed
}

/// Synaptic current and adaptation go on; the adaptation of adlif follows the membrane that is held.
TEST(Refractory, OtherStatesGoOn) {
  simulation<refractory<cuba_lif>> current({12.0, 4.0, 1.0, 0.0, 1.0}, 1.0);
  current.spike = with_period(4, reset_kind::to_value);
  current.step(20.0);
  ASSERT_EQ(current.step(0.0), 1.0);
  const double i = current.state.own.i;
  current.step(0.0);
  current.step(0.5);
  EXPECT_NEAR(current.state.own.i, i * std::exp(-0.5) + 0.5, 1e-14);
  EXPECT_EQ(current.state.own.v, 0.0);

  const adlif::parameters<double> p{10.0, 50.0, 2.0, 3.0, 1.0, 0.4, 1.0};
  simulation<refractory<adlif>> adaptation(p, 1.0);
  adaptation.spike = with_period(4, reset_kind::to_value);
  ASSERT_EQ(adaptation.step(2.0), 1.0);
  double w = adaptation.state.own.w;
  const double membrane = adaptation.state.own.v;
  EXPECT_NEAR(membrane, 0.4, 1e-15);
  const double decay = std::exp(-1.0 / 50.0);
  for (int t = 0; t < 4; ++t) {
    adaptation.step(1.0);
    w = decay * w + (1.0 - decay) * 2.0 * 0.4;
    EXPECT_NEAR(adaptation.state.own.w, w, 1e-14);
    EXPECT_EQ(adaptation.state.own.v, membrane);
  }
}

/// A period that is never reached changes nothing.
TEST(Refractory, BeforeItsFirstSpikeTheNeuronIsThePlainOne) {
  simulation<refractory<adex>> x(defaults<adex>(), 1.0);
  simulation<adex> plain(defaults<adex>(), 1.0);
  x.spike = with_period(7);
  int t = 0;
  for (; t < 1000 && plain.step(0.12) == 0.0; ++t) {
    EXPECT_EQ(x.step(0.12), 0.0);
    EXPECT_EQ(x.state.own.v, plain.state.v);
    EXPECT_EQ(x.state.own.w, plain.state.w);
  }
  EXPECT_EQ(x.step(0.12), 1.0);
  EXPECT_GT(t, 3);
  EXPECT_LT(t, 1000);
}

/// Rows and columns: left, v; then the output by the states and the current.
TEST(Refractory, HasNoGradientWhileItLasts) {
  const cell_info& cell = *find_cell("lif").refractory;
  ASSERT_EQ(cell.states.size(), 2u);
  EXPECT_EQ(cell.states[0], "refractory");
  EXPECT_EQ(cell.states[1], "v");
  const double parameters[] = {10.0, 1.0, 0.0, 1.0};
  std::vector<double> constants(cell.constants), jacobian(3 * (3 + cell.constants));
  cell.exact->prepare(parameters, 1.0, constants.data());
  const std::size_t columns = 3 + cell.constants;
  const auto entry = [&](std::size_t row, std::size_t column) { return jacobian[row * columns + column]; };

  double held[] = {2.0, 0.7};
  const double strong = 0.9, weak = 0.2;
  EXPECT_EQ(cell.exact->jacobian(held, constants.data(), &strong, with_period(2), jacobian.data()), 0.0);
  EXPECT_EQ(held[0], 1.0);
  EXPECT_EQ(held[1], 0.7);
  EXPECT_EQ(entry(1, 1), 1.0);  // the membrane is what it was
  for (std::size_t k = 0; k < columns; ++k) {
    EXPECT_EQ(entry(0, k), 0.0);
    EXPECT_EQ(entry(2, k), 0.0);
    EXPECT_TRUE(k == 1 || entry(1, k) == 0.0);
  }

  double free[] = {0.0, 0.7};
  cell.exact->jacobian(free, constants.data(), &weak, with_period(2), jacobian.data());
  EXPECT_NEAR(entry(1, 1), std::exp(-0.1), 1e-15);
  EXPECT_GT(entry(2, 2), 0.0);
}

TEST(Refractory, AnalogCellsHaveNone) {
  for (const cell_info& cell : known_cells()) {
    EXPECT_EQ(cell.refractory != nullptr, cell.spiking) << cell.name;
    if (cell.spiking) {
      EXPECT_EQ(cell.refractory->name, cell.name);
      EXPECT_EQ(cell.refractory->states.back(), cell.states.back());
    }
  }
}

}  // namespace
}  // namespace backspike
