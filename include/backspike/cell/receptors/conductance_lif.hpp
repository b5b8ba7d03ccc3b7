#pragma once
// Conductance-based leaky integrate-and-fire neuron, in units in which the membrane rests at 0 and the leak is 1.
//
//   tau_m dv/dt = -v - g_e (v - E_e) - g_i (v - E_i),   dg_k/dt = -g_k / tau_k + sum w delta(t - t_spike)
//                                       (Gerstner et al., Neuronal Dynamics, eqs. 3.1 and 3.2; Burkitt 2006)
//   G_k = max(0, g_k,t-1) mean_k,   mean_k = (1 - decay_k) tau_k / dt,   G = 1 + G_e + G_i
//   v_t = u + (v_{t-1} - u) exp(-G dt / tau_m),   u = (G_e E_e + G_i E_i) / G;   s_t = spike(v_t - v_th);  reset
//   g_k,t = decay_k g_k,t-1 + I_k,t
//
// Exponential Euler with the effective time constant tau_m / G: the conductances are held over a step at their mean in
// it, and for these the step is exact. Since G >= 1 the membrane always goes some way towards u, which lies between 0,
// E_e and E_i: the step is stable at any weights and any dt. A spike of weight w adds w leaks to its conductance, and
// moves the membrane from the next step on. A conductance below zero, which only negative weights can make, counts as
// zero; so these two receptors are for weights of one sign. In mV: v = (V - E_L) / (V_T - E_L); the defaults are
// E_L = -70, V_T = -50, reversal potentials of 0 and -80 mV.

#include <backspike/cell/receptors/receptor.hpp>
#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>
#include <backspike/scalar/quotients.hpp>
#include <backspike/scalar/step_exp.hpp>

#include <array>

namespace backspike {

struct conductance_lif {
  static constexpr std::string_view name = "conductance_lif";
  static constexpr std::string_view meaning =
      "leaky integrate-and-fire, synaptic conductances with reversal potentials";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 3> states{"g_e", "g_i", "v"};
  static constexpr std::array receptors{
      receptor{"excitatory", 1.0, "conductances that draw the membrane to e_excitatory"},
      receptor{"inhibitory", -1.0, "conductances that draw the membrane to e_inhibitory"}};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.01, 1e6, "membrane time constant, of the leak alone"},
      field{"tau_excitatory", "ms", 5.0, 0.01, 1e6, "time constant of excitatory conductances"},
      field{"tau_inhibitory", "ms", 10.0, 0.01, 1e6, "time constant of inhibitory conductances"},
      field{"e_excitatory", "", 3.5, -1e3, 1e3, "reversal potential of excitatory conductances"},
      field{"e_inhibitory", "", -0.5, -1e3, 1e3, "reversal potential of inhibitory conductances"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S g_e, g_i, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_excitatory, tau_inhibitory, e_excitatory, e_inhibitory, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S rate, decay_e, decay_i, mean_e, mean_i, e_excitatory, e_inhibitory, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    const S e = constant<S>(-dt) / p.tau_excitatory, i = constant<S>(-dt) / p.tau_inhibitory;
    return {constant<S>(dt) / p.tau_m,
            exp(e),
            exp(i),
            expm1_over_x(e),
            expm1_over_x(i),
            p.e_excitatory,
            p.e_inhibitory,
            p.v_th,
            p.v_reset,
            p.reset_strength};
  }

  template <class S>
  static S open(const S& conductance) {
    const S zero = constant<S>(0.0);
    return select(conductance < zero, zero, conductance);
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const std::array<S, 2>& input, const Spike& spike) {
    const S e = c.mean_e * open(x.g_e), i = c.mean_i * open(x.g_i), all = constant<S>(1.0) + e + i;
    const S drawn_to = (c.e_excitatory * e + c.e_inhibitory * i) / all;
    x.v = drawn_to + (x.v - drawn_to) * step_exp(-(c.rate * all));
    x.g_e = c.decay_e * x.g_e + input[0];
    x.g_i = c.decay_i * x.g_i + input[1];
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
