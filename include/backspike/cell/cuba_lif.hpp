#pragma once
// Current-based leaky integrate-and-fire neuron with exponential synapses.
//
//   di/dt = -i / tau_syn + sum_k w_k delta(t - t_k),   dv/dt = -v / tau_m + i / tau_syn
//   v_t = decay_m * v_{t-1} + gain * i_{t-1},  i_t = decay_syn * i_{t-1} + I_t,  s_t = spike(v_t - v_th);  reset
//   gain = dt/tau_syn * exp(-dt/tau_m) * expm1(x) / x,  x = dt/tau_m - dt/tau_syn
//
// The exact solution on the grid (Rotter & Diesmann 1999, as in NEST's iaf_psc_exp), regular at tau_m = tau_syn. A
// spike of weight w delivers the charge w whatever tau_syn is: for tau_syn -> 0 the neuron becomes `lif`. The current
// that arrives at t moves the membrane from t + 1 on.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>
#include <backspike/scalar/quotients.hpp>

#include <array>

namespace backspike {

struct cuba_lif {
  static constexpr std::string_view name = "cuba_lif";
  static constexpr std::string_view meaning = "current-based leaky integrate-and-fire, exponential synapses";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"i", "v"};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.01, 1e6, "membrane time constant"},
      field{"tau_syn", "ms", 5.0, 0.01, 1e6, "synaptic time constant"}, field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S i, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_syn, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, decay_syn, gain, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    const S m = constant<S>(dt) / p.tau_m, syn = constant<S>(dt) / p.tau_syn;
    const S decay_m = exp(-m), decay_syn = exp(-syn);
    const S gain = times_decay_difference(syn, m, syn, decay_m, decay_syn);
    return {decay_m, decay_syn, gain, p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = c.decay_m * x.v + c.gain * x.i;
    x.i = c.decay_syn * x.i + current;
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
