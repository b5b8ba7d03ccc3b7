#pragma once
// Adaptive leaky integrate-and-fire neuron: every spike raises its own threshold, which then relaxes.
//
//   v_t = decay_m * v_{t-1} + I_t,  s_t = spike(v_t - v_th - beta * a_t);  reset
//   a_t = decay_a * a_{t-1} + s_{t-1},  decay_a = exp(-dt / tau_a)        (Bellec et al. 2018; 2020, eqs. 8 to 10)
//
// A spike subtracts v_th, not the raised threshold, as in the paper. There the subtraction happens in the next step,
// after the decay; here, as in every cell, at the end of the step that spikes. The state a is the adaptation of the
// step to come.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct alif {
  static constexpr std::string_view name = "alif";
  static constexpr std::string_view meaning = "leaky integrate-and-fire with an adaptive threshold";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"a", "v"};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.01, 1e6, "membrane time constant"},
      field{"tau_a", "ms", 200.0, 0.01, 1e6, "time constant of the adaptation"},
      field{"beta", "", 0.18, -1e3, 1e3, "what one spike adds to the threshold"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold at rest"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S a, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_a, beta, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, decay_a, beta, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    return {
        exp(constant<S>(-dt) / p.tau_m), exp(constant<S>(-dt) / p.tau_a), p.beta, p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = c.decay_m * x.v + current;
    const S s = spike(x.v - c.v_th - c.beta * x.a);
    x.a = c.decay_a * x.a + s;
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
