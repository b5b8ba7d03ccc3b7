#pragma once
// Adaptive leaky integrate-and-fire neuron with subthreshold coupling, in the symplectic-Euler discretisation.
//
//   tau_m dv/dt = -v - w + R I,   tau_w dw/dt = -w + a v + b sum_k delta(t - t_k)
//   v_t = decay_m * v_{t-1} - (1 - decay_m) * w_{t-1} + I_t,  s_t = spike(v_t - v_th);  reset
//   w_t = decay_w * w_{t-1} + (1 - decay_w) * (a * v_t + b * s_t)                   (Baronig et al. 2025, eqs. 6)
//
// w follows the membrane of this step, after its reset, not that of the step before: this keeps oscillations (a > 0) at
// their frequency and stable where the explicit Euler step makes them grow. The input is a charge, as in `lif`; the
// paper scales it by 1 - decay_m.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct adlif {
  static constexpr std::string_view name = "adlif";
  static constexpr std::string_view meaning = "leaky integrate-and-fire with an adaptation current, symplectic Euler";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"w", "v"};
  static constexpr std::array fields{
      field{"tau_m", "ms", 15.0, 0.01, 1e6, "membrane time constant"},
      field{"tau_w", "ms", 100.0, 0.01, 1e6, "time constant of the adaptation"},
      field{"a", "", 20.0, -1e3, 1e6, "coupling of the adaptation to the membrane"},
      field{"b", "", 60.0, -1e3, 1e6, "coupling of the adaptation to spikes"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "threshold"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S w, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_w, a, b, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, gain_m, decay_w, a_gain, b_gain, v_th, v_reset, reset_strength;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    using std::expm1;
    const S m = constant<S>(-dt) / p.tau_m, w = constant<S>(-dt) / p.tau_w, gain_w = -expm1(w);
    return {exp(m), -expm1(m), exp(w), gain_w * p.a, gain_w * p.b, p.v_th, p.v_reset, p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    x.v = c.decay_m * x.v - c.gain_m * x.w + current;
    const S s = spike(x.v - c.v_th);
    x.v = apply_reset(x.v, s, c, spike);
    x.w = c.decay_w * x.w + c.a_gain * x.v + c.b_gain * s;
    return s;
  }
};

}  // namespace backspike
