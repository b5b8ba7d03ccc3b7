// Trajectories of the cells with adaptation, of the oscillator and of the double-exponential filter against closed
// forms, the published recurrences written out again, and the ordinary differential equations in small steps.

#include "cell/simulation.hpp"

#include <backspike/cell/cells.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <functional>
#include <vector>

namespace backspike {
namespace {

constexpr double pi = 3.141592653589793;

TEST(IfSteps, CountsItsInputInUnitsOfTheThreshold) {
  simulation<integrate_and_fire> x({0.75, 0.0, 1.0}, 1.0);
  double total = 0.0, spikes = 0.0;
  for (int t = 0; t < 200; ++t) {
    const double input = 0.2 + 0.15 * std::sin(0.3 * t);
    total += input;
    spikes += x.step(input);
    EXPECT_NEAR(x.state.v, total - 0.75 * spikes, 1e-12);
  }
  EXPECT_EQ(spikes, std::floor(total / 0.75));
  EXPECT_GT(spikes, 40.0);
}

/// The recurrence of Bellec et al. 2020, eqs. 8 to 10, with the spikes taken from the cell.
TEST(AlifSteps, TheThresholdRisesByBetaWithEverySpikeAndRelaxes) {
  const alif::parameters<double> p{10.0, 50.0, 0.4, 1.0, 0.0, 1.0};
  simulation<alif> x(p, 1.0);
  double v = 0.0, a = 0.0, last = 0.0, spikes = 0.0;
  for (int t = 0; t < 300; ++t) {
    const double input = 0.35 + 0.2 * std::cos(0.11 * t);
    a = std::exp(-1.0 / 50.0) * a + last;
    v = std::exp(-0.1) * v + input;
    const double threshold = 1.0 + 0.4 * a;
    last = v >= threshold ? 1.0 : 0.0;
    v -= last * 1.0;  // the threshold at rest, not the raised one
    EXPECT_EQ(x.step(input), last) << "step " << t;
    EXPECT_NEAR(x.state.v, v, 1e-12);
    spikes += last;
  }
  EXPECT_GT(spikes, 20.0);
  EXPECT_GT(a, 1.0);
  double sum = 0.0;  // the adaptation is the convolution of the spikes with an exponential
  for (std::size_t s = 0; s < x.out.size(); ++s) {
    sum += x.out[s] * std::exp(-static_cast<double>(x.out.size() - 1 - s) / 50.0);
  }
  EXPECT_NEAR(x.state.a, sum, 1e-12);
}

TEST(AlifSteps, WithoutAdaptationItIsALif) {
  simulation<alif> x({10.0, 50.0, 0.0, 1.0, -0.4, 0.75}, 1.0);
  simulation<lif> y({10.0, 1.0, -0.4, 0.75}, 1.0);
  for (int t = 0; t < 100; ++t) {
    EXPECT_EQ(x.step(0.2 + 0.1 * (t % 3)), y.step(0.2 + 0.1 * (t % 3)));
    EXPECT_EQ(x.state.v, y.state.v);
  }
}

/// Baronig et al. 2025, eqs. 6, as written there; their input is scaled by 1 - alpha, ours is not.
TEST(AdlifSteps, FollowsThePapersRecurrence) {
  simulation<adlif> x({12.0, 60.0, 15.0, 40.0, 1.0, 0.0, 1.0}, 1.0);
  x.spike = hard(reset_kind::to_value);
  const double alpha = std::exp(-1.0 / 12.0), beta = std::exp(-1.0 / 60.0);
  double u = 0.0, w = 0.0, spikes = 0.0;
  for (int t = 0; t < 400; ++t) {
    const double input = 6.0 + 5.0 * std::sin(0.21 * t);
    const double free = alpha * u + (1.0 - alpha) * (-w + input), s = free >= 1.0 ? 1.0 : 0.0;
    u = free * (1.0 - s);
    w = beta * w + (1.0 - beta) * (15.0 * u + 40.0 * s);
    EXPECT_EQ(x.step((1.0 - alpha) * input), s) << "step " << t;
    EXPECT_NEAR(x.state.v, u, 1e-11);
    EXPECT_NEAR(x.state.w, w, 1e-11);
    spikes += s;
  }
  EXPECT_GT(spikes, 10.0);
}

/// What the symplectic step is for: free oscillations turn at the rate of the differential equation and decay, at a
/// coupling at which the explicit Euler step makes them grow.
TEST(AdlifSteps, OscillatesAtTheFrequencyOfTheDifferentialEquationAndIsStable) {
  const double tau_m = 25.0, tau_w = 60.0, a = 120.0;
  simulation<adlif> x({tau_m, tau_w, a, 0.0, 1e6, 0.0, 1.0}, 1.0);
  const std::complex<double> root =
      -0.5 * (1.0 / tau_m + 1.0 / tau_w) +
      std::sqrt(std::complex<double>(std::pow(0.5 * (1.0 / tau_m - 1.0 / tau_w), 2) - a / (tau_m * tau_w)));
  std::vector<int> crossings;
  double before = 0.0, peak_late = 0.0;
  for (int t = 0; t < 400; ++t) {
    x.step(t == 0 ? 1.0 : 0.0);
    if (t > 0 && before < 0.0 && x.state.v >= 0.0) {
      crossings.push_back(t);
    }
    peak_late = t > 300 ? std::max(peak_late, std::fabs(x.state.v)) : 0.0;
    before = x.state.v;
  }
  ASSERT_GE(crossings.size(), 5u);
  const double period = static_cast<double>(crossings[4] - crossings[0]) / 4.0;
  EXPECT_NEAR(period, 2.0 * pi / std::fabs(root.imag()), 0.02 * period);
  EXPECT_LT(peak_late, 0.01);
  const double alpha = std::exp(-1.0 / tau_m), beta = std::exp(-1.0 / tau_w);
  EXPECT_GT(alpha * beta + (1.0 - alpha) * (1.0 - beta) * a, 1.0) << "the explicit step's determinant";
}

TEST(ResonateAndFireSteps, IsTheDampedComplexExponential) {
  for (const double dt : {0.5, 1.0, 3.0}) {
    simulation<resonate_and_fire> x({35.0, 18.0, 1e6, 0.0, 1.0}, dt);
    const std::complex<double> pole(-1.0 / 18.0, 2e-3 * pi * 35.0);
    const std::vector<double> input{1.0, 0.0, -0.4, 0.0, 2.0, 0.0, 0.0, 0.3};
    for (std::size_t t = 0; t < 60; ++t) {
      x.step(t < input.size() ? input[t] : 0.0);
      std::complex<double> z = 0.0;
      for (std::size_t s = 0; s <= t && s < input.size(); ++s) {
        z += input[s] * std::exp(pole * (dt * static_cast<double>(t - s)));
      }
      EXPECT_NEAR(x.state.x, z.real(), 1e-13);
      EXPECT_NEAR(x.state.v, z.imag(), 1e-13);
    }
  }
}

/// Izhikevich 2001, fig. 5: two pulses in time with the oscillation fire where two closer ones do not.
TEST(ResonateAndFireSteps, PrefersPulsesAtItsPeriod) {
  const auto spikes = [](int interval) {
    simulation<resonate_and_fire> x({50.0, 40.0, 1.0, 0.0, 1.0}, 1.0);  // a period of 20 ms
    double n = 0.0;
    for (int t = 0; t < 60; ++t) {
      n += x.step(t == 0 || t == interval ? 0.9 : 0.0);
    }
    return n;
  };
  EXPECT_GT(spikes(20), 0.0);
  EXPECT_EQ(spikes(10), 0.0);
}

/// The differential equation of Brette & Gerstner, without its threshold, in tiny midpoint steps; v and w.
std::pair<double, double> integrate_adex(const adex::parameters<double>& p, double push, double time) {
  const int steps = 200000;
  const double h = time / steps;
  const auto dv = [&](double v, double w) {
    const double self = p.delta_t * (std::exp((v - p.v_rh) / p.delta_t) - std::exp(-p.v_rh / p.delta_t));
    return (-v + self - w) / p.tau_m;
  };
  const auto dw = [&](double v, double w) { return (p.a * v - w) / p.tau_w; };
  double v = push, w = 0.0;
  for (int k = 0; k < steps; ++k) {
    const double half_v = v + 0.5 * h * dv(v, w), half_w = w + 0.5 * h * dw(v, w);
    v += h * dv(half_v, half_w);
    w += h * dw(half_v, half_w);
  }
  return {v, w};
}

TEST(AdexSteps, ConvergesToTheDifferentialEquation) {
  const adex::parameters<double> p{10.0, 40.0, 0.6, 0.2, 0.8, 0.15, 1e6, 0.0, 1.0};
  const auto [v, w] = integrate_adex(p, 0.9, 12.0);
  const auto error = [&, v = v, w = w](double dt) {
    simulation<adex> x(p, dt);
    x.step(0.9);
    for (int t = 0; t < static_cast<int>(std::lround(12.0 / dt)); ++t) {
      x.step(0.0);
    }
    return std::max(std::fabs(x.state.v - v), std::fabs(x.state.w - w));
  };
  EXPECT_LT(error(1.0), 0.05);
  EXPECT_LT(error(0.01), 5e-4);
  EXPECT_NEAR(error(0.02) / error(0.01), 2.0, 0.1) << "the order of the method";
  EXPECT_GT(std::fabs(v), 0.1);
}

TEST(AdexSteps, DrivesItselfBeyondTheRheobaseThreshold) {
  const auto spikes_after = [](double push) {
    simulation<adex> x({10.0, 100.0, 0.0, 0.1, 0.8, 0.1, 1.5, 0.0, 1.0}, 1.0);
    x.spike = hard(reset_kind::to_value);
    double n = x.step(push);
    for (int t = 0; t < 100; ++t) {
      n += x.step(0.0);
    }
    return n;
  };
  EXPECT_EQ(spikes_after(0.8), 0.0);
  EXPECT_EQ(spikes_after(1.2), 1.0);  // it reaches 1.5 without further input, once
}

TEST(AdexSteps, NeverOverflows) {
  const adex::parameters<float> p{10.0f, 100.0f, 0.1f, 0.1f, 0.8f, 1e-3f, 1e6f, 0.0f, 1.0f};
  const auto c = adex::prepare<float>(p, 1.0);
  for (const float v : {-1e30f, -5.0f, 0.0f, 1.0f, 1e3f, 1e30f}) {
    adex::state<float> x{0.0f, v};
    adex::step(x, c, 0.0f, hard(reset_kind::none));
    EXPECT_TRUE(std::isfinite(x.v)) << v;
    EXPECT_TRUE(std::isfinite(x.w)) << v;
  }
  for (const reset_kind reset : {reset_kind::subtract, reset_kind::none}) {  // it saturates where nothing resets it
    simulation<adex> x({10.0, 100.0, 0.0, 0.0, 0.8, 0.1, 1.0, 0.0, 1.0}, 1.0);
    x.spike = hard(reset);
    for (int t = 0; t < 1000; ++t) {
      x.step(t < 5 ? 3.0 : 0.0);
      EXPECT_LT(x.state.v, 0.1 * 2.0 * std::exp(4.0) + 15.0);
    }
  }
  EXPECT_NEAR(adex::bounded_exp(3.9), std::exp(3.9), 1e-13);
  EXPECT_NEAR(adex::bounded_exp(6.0), 5.0 / 3.0 * std::exp(4.0), 1e-12);
  EXPECT_NEAR(adex::bounded_exp(1e30), 2.0 * std::exp(4.0), 1e-12);
}

/// The kernel as the literature writes it, divided by a peak that is searched for.
double psp(double rise, double decay, double t) {
  const auto kernel = [&](double at) {
    return rise == decay ? at / rise * std::exp(-at / rise)
                         : (std::exp(-at / decay) - std::exp(-at / rise)) * (decay > rise ? 1.0 : -1.0);
  };
  double peak = 0.0;
  for (double at = 0.0; at < 10.0 * (rise + decay); at += 1e-4 * (rise + decay)) {
    peak = std::max(peak, kernel(at));
  }
  return kernel(t) / peak;
}

TEST(DoubleExponentialSteps, IsThePotentialOfUnitPeak) {
  const struct { double rise, decay; } cases[] = {{2.0, 10.0}, {10.0, 2.0}, {5.0, 5.0}, {0.2, 30.0}};
  for (const auto& c : cases) {
    simulation<double_exponential> x({c.rise, c.decay, 1.5}, 1.0);
    double largest = 0.0;
    for (int t = 0; t < 60; ++t) {
      x.step(t == 0 ? 1.0 : 0.0);
      EXPECT_NEAR(x.state.y, 1.5 * psp(c.rise, c.decay, t), 1e-6) << c.rise << ", " << c.decay << ", step " << t;
      largest = std::max(largest, x.state.y);
    }
    EXPECT_LE(largest, 1.5 * (1.0 + 1e-12));
    EXPECT_GT(largest, 1.4);
  }
}

TEST(DoubleExponentialSteps, EqualTimeConstantsAreTheExactLimit) {
  const auto gain = [](double decay) { return double_exponential::prepare<double>({6.0, decay, 1.0}, 1.0).gain; };
  const double exact = std::exp(1.0) / 6.0 * std::exp(-1.0 / 6.0);
  EXPECT_NEAR(gain(6.0), exact, 1e-15);
  for (const double off : {1e-12, 1e-8, 0.0599, 0.0601}) {  // the last two on either side of a switch to the series
    const auto slope = [&](double decay) {
      const dual<double, 3> rise(6.0), fall(decay, 0), one(1.0);
      return double_exponential::prepare<dual<double, 3>>({rise, fall, one}, 1.0).gain.d[0];
    };
    const double h = 1e-5;
    EXPECT_NEAR(slope(6.0 + off), (gain(6.0 + off + h) - gain(6.0 + off - h)) / (2.0 * h), 1e-9);
  }
}

TEST(Quotients, AreRegularAtZero) {
  for (const double x : {0.0, 1e-12, -1e-6, 9.9e-3, -9.9e-3, 1.01e-2, -1.01e-2}) {
    const double series = 1 - x / 2 + x * x / 3 - x * x * x / 4 + x * x * x * x / 5 - x * x * x * x * x / 6;
    EXPECT_NEAR(log1p_over_x(x), series, 1e-12) << x;
    const double slope = log1p_over_x(dual<double, 1>(x, 0)).d[0];
    EXPECT_NEAR(slope, -0.5 + 2 * x / 3 - 3 * x * x / 4 + 4 * x * x * x / 5 - 5 * x * x * x * x / 6, 1e-9) << x;
  }
}

}  // namespace
}  // namespace backspike
