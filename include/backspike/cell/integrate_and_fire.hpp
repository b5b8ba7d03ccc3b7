#pragma once
// Perfect integrator: a leaky integrate-and-fire neuron without the leak.
//
//   dv/dt = sum_k w_k delta(t - t_k)                     (Lapicque 1907; Gerstner et al., Neuronal Dynamics, 1.3)
//   v_t = v_{t-1} + I_t;  s_t = spike(v_t - v_th);  reset
//
// Between spikes it forgets nothing: with `subtract` its spike count is the sum of its input over the threshold.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct integrate_and_fire {
  static constexpr std::string_view name = "if";
  static constexpr std::string_view meaning = "integrate-and-fire without a leak, delta-current input";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 1> states{"v"};
  static constexpr std::array fields{
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S v;
  };
  template <class S>
  struct parameters {
    S v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double) {
    return {p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = x.v + current;
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
