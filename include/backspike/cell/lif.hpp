#pragma once
// Leaky integrate-and-fire neuron with delta-current synapses.
//
//   dv/dt = -v / tau_m + sum_k w_k delta(t - t_k)         (Gerstner et al., Neuronal Dynamics, eq. 1.5)
//   v_t = decay * v_{t-1} + I_t,  decay = exp(-dt / tau_m);  s_t = spike(v_t - v_th);  reset
//
// The input is a charge: a spike of weight w moves the membrane by w. Between spikes the step is exact.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct lif {
  static constexpr std::string_view name = "lif";
  static constexpr std::string_view meaning = "leaky integrate-and-fire, delta-current input";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 1> states{"v"};
  static constexpr std::array fields{
      field{"tau_m", "ms", 20.0, 0.01, 1e6, "membrane time constant"}, field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S v;
  };
  template <class S>
  struct parameters {
    S tau_m, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    return {exp(constant<S>(-dt) / p.tau_m), p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = c.decay * x.v + current;
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
