#pragma once
// Resonate-and-fire neuron: a damped oscillator that prefers input in time with it.
//
//   dz/dt = (-1 / tau + i omega) z + sum_k w_k delta(t - t_k),  z = x + i v,  omega = 2 pi frequency
//   z_t = exp(-dt / tau + i omega dt) z_{t-1} + I_t;  s_t = spike(v_t - v_th);  reset of v   (Izhikevich 2001, eq. 6)
//
// The exact solution on the grid. Input moves x, the current-like part, and reaches v, the membrane-like part, from the
// next step on. Frequencies above half the sampling rate, 500 / dt [Hz], are aliases of lower ones.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct resonate_and_fire {
  static constexpr std::string_view name = "resonate_and_fire";
  static constexpr std::string_view meaning = "damped oscillator with a threshold";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"x", "v"};
  static constexpr std::array fields{
      field{"frequency", "Hz", 20.0, 0.0, 1e6, "frequency of the oscillation"},
      field{"tau", "ms", 40.0, 0.01, 1e6, "time constant of the damping"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S x, v;
  };
  template <class S>
  struct parameters {
    S frequency, tau, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S along, across, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::cos;
    using std::exp;
    using std::sin;
    const S decay = exp(constant<S>(-dt) / p.tau), angle = constant<S>(2e-3 * 3.141592653589793 * dt) * p.frequency;
    return {decay * cos(angle), decay * sin(angle), p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    const S turned = c.along * x.x - c.across * x.v + current;
    x.v = c.across * x.x + c.along * x.v;
    x.x = turned;
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
