#pragma once
// Current-based leaky integrate-and-fire neuron with two kinds of synapses, each with a time constant of its own.
//
//   di_k/dt = -i_k / tau_k + sum w delta(t - t_spike),   dv/dt = -v / tau_m + sum_k i_k / tau_k,   k = fast, slow
//   v_t = decay_m v_{t-1} + sum_k gain_k i_k,t-1,   i_k,t = decay_k i_k,t-1 + I_k,t,   s_t = spike(v_t - v_th);  reset
//
// The exact solution on the grid, with the gain of `cuba_lif` for each kind (Rotter & Diesmann 1999; NEST's
// iaf_psc_exp_multisynapse). A spike of weight w delivers the charge w through either receptor, sooner or later; with
// tau_fast = tau_slow the neuron is `cuba_lif`. What arrives at t moves the membrane from t + 1 on.

#include <backspike/cell/receptors/receptor.hpp>
#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>
#include <backspike/scalar/quotients.hpp>

#include <array>

namespace backspike {

struct multisynapse_lif {
  static constexpr std::string_view name = "multisynapse_lif";
  static constexpr std::string_view meaning = "leaky integrate-and-fire, synaptic currents of two time constants";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 3> states{"i_fast", "i_slow", "v"};
  static constexpr std::array receptors{receptor{"fast", 1.0, "currents that fade with tau_fast"},
                                        receptor{"slow", 1.0, "currents that fade with tau_slow"}};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.01, 1e6, "membrane time constant"},
      field{"tau_fast", "ms", 3.0, 0.01, 1e6, "synaptic time constant of the receptor fast"},
      field{"tau_slow", "ms", 50.0, 0.01, 1e6, "synaptic time constant of the receptor slow"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S i_fast, i_slow, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_fast, tau_slow, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, decay_fast, decay_slow, gain_fast, gain_slow, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    const S m = constant<S>(dt) / p.tau_m, fast = constant<S>(dt) / p.tau_fast, slow = constant<S>(dt) / p.tau_slow;
    const S decay_m = exp(-m), decay_fast = exp(-fast), decay_slow = exp(-slow);
    return {decay_m,
            decay_fast,
            decay_slow,
            times_decay_difference(fast, m, fast, decay_m, decay_fast),
            times_decay_difference(slow, m, slow, decay_m, decay_slow),
            p.v_th,
            p.v_reset,
            p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const std::array<S, 2>& input, const Spike& spike) {
    x.v = c.decay_m * x.v + (c.gain_fast * x.i_fast + c.gain_slow * x.i_slow);
    x.i_fast = c.decay_fast * x.i_fast + input[0];
    x.i_slow = c.decay_slow * x.i_slow + input[1];
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
