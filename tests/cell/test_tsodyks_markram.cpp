// Short-term plasticity against the equations written out again from spike to spike, and against the closed form of its
// steady state under a regular train, where synapses depress or facilitate.

#include "cell/simulation.hpp"

#include <backspike/cell/cells.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace backspike {
namespace {

/// What each spike releases, by the event-driven form: from one spike to the next in one exponential, in u and x.
std::vector<double> released(const tsodyks_markram::parameters<double>& p, const std::vector<double>& times) {
  std::vector<double> out;
  double u = 0.0, x = 1.0, last = 0.0;
  for (const double t : times) {
    u = u * std::exp(-(t - last) / p.tau_f);
    x = 1.0 - (1.0 - x) * std::exp(-(t - last) / p.tau_d);
    u = u + p.U * (1.0 - u);
    out.push_back(u * x);
    x = x - u * x;
    last = t;
  }
  return out;
}

TEST(TsodyksMarkramSteps, EachSpikeReleasesWhatTheEquationsSay) {
  for (const double dt : {0.5, 1.0, 3.0}) {
    for (const auto& p :
         {tsodyks_markram::parameters<double>{0.5, 200.0, 20.0}, {0.1, 30.0, 600.0}, {1.0, 50.0, 1.0}}) {
      simulation<tsodyks_markram> synapse(p, dt);
      std::vector<double> times, sent;
      for (int step = 1; step <= 400; ++step) {
        const bool spikes = step * step % 17 < 4;
        const double y = synapse.step(spikes ? 1.0 : 0.0);
        EXPECT_TRUE(spikes || y == 0.0);
        if (spikes) {
          times.push_back(step * dt);
          sent.push_back(y);
        }
      }
      const std::vector<double> expected = released(p, times);
      ASSERT_GT(sent.size(), 50u);
      for (std::size_t k = 0; k < sent.size(); ++k) {
        EXPECT_NEAR(sent[k], expected[k], 1e-13) << "spike " << k;
      }
    }
  }
}

double steady(const tsodyks_markram::parameters<double>& p, int period) {
  const double f = std::exp(-period / p.tau_f), d = std::exp(-period / p.tau_d);
  const double u = p.U / (1.0 - (1.0 - p.U) * f);
  return u * (1.0 - d) / (1.0 - (1.0 - u) * d);
}

std::vector<double> regular(const tsodyks_markram::parameters<double>& p, int period, int spikes) {
  simulation<tsodyks_markram> synapse(p, 1.0);
  std::vector<double> sent;
  for (int step = 0; step < period * spikes; ++step) {
    const double y = synapse.step(step % period == 0 ? 1.0 : 0.0);
    if (step % period == 0) {
      sent.push_back(y);
    }
  }
  return sent;
}

TEST(TsodyksMarkramSteps, ARegularTrainComesToTheClosedForm) {
  const tsodyks_markram::parameters<double> depressing{0.5, 800.0, 1.0}, facilitating{0.05, 100.0, 1000.0};
  for (const int period : {10, 50, 200}) {
    for (const auto& p : {depressing, facilitating}) {
      EXPECT_NEAR(regular(p, period, 400).back(), steady(p, period), 1e-12) << period << " ms";
    }
  }
  const auto down = regular(depressing, 50, 20), up = regular(facilitating, 50, 5);
  EXPECT_EQ(down.front(), 0.5);
  EXPECT_EQ(up.front(), 0.05);
  EXPECT_TRUE(std::ranges::is_sorted(down, std::greater<>()));
  EXPECT_TRUE(std::ranges::is_sorted(up));
  EXPECT_LT(down.back(), 0.1);
  EXPECT_GT(up.back(), 0.12);
}

/// 1 / rate: above the limiting frequency a depressing synapse releases the same a second whatever the rate.
TEST(TsodyksMarkramSteps, DepressionLimitsWhatIsReleasedInATime) {
  const tsodyks_markram::parameters<double> p{0.5, 800.0, 1.0};
  const double at_50_hz = steady(p, 20) / 20.0, at_100_hz = steady(p, 10) / 10.0;
  EXPECT_NEAR(at_100_hz / at_50_hz, 1.0, 0.02);
  EXPECT_NEAR(at_100_hz, 1.0 / 800.0, 0.02 / 800.0);
}

/// Half a spike releases half, and the derivative by a spike is what it would have released.
TEST(TsodyksMarkramSteps, IsLinearInASmoothSpikeAndNoInputUsesUpMoreThanASpike) {
  simulation<tsodyks_markram> one({0.5, 50.0, 30.0}, 1.0);
  one.step(1.0);
  one.step(1.0);
  auto half = one, none = one, more = one, less = one;
  const double whole = one.step(1.0);
  EXPECT_NEAR(half.step(0.5), 0.5 * whole, 1e-15);
  EXPECT_EQ(none.step(0.0), 0.0);
  EXPECT_NEAR(more.step(7.0), 7.0 * whole, 1e-15);
  EXPECT_EQ(more.state.d, one.state.d);
  EXPECT_NEAR(less.step(-3.0), -3.0 * whole, 1e-15);
  EXPECT_EQ(less.state.u, none.state.u);
  for (const double z : {0.0, 0.5, 1.0}) {
    using D = dual<double, 1>;
    tsodyks_markram::state<D> x{D(half.state.u), D(half.state.d)};
    auto at_one = half.state;
    const double at = tsodyks_markram::step(at_one, half.constants, 1.0, half.spike);
    EXPECT_NEAR(tsodyks_markram::step(x, half.constants, D(z, 0), half.spike).d[0], at, 1e-15) << z;
  }
}

}  // namespace
}  // namespace backspike
