#pragma once
// Adaptive exponential integrate-and-fire neuron, in units in which the membrane rests at 0.
//
//   tau_m dv/dt = -v + delta_t (exp((v - v_rh) / delta_t) - exp(-v_rh / delta_t)) - w + R I
//   tau_w dw/dt = -w + a v,   at a spike w += b                            (Brette & Gerstner 2005, eqs. 1 to 4)
//
//   v_t = decay_m v_{t-1} + (1 - decay_m) (delta_t (E_{t-1} - E_0) - w_{t-1}) + I_t,  s_t = spike(v_t - v_th);  reset
//   w_t = decay_w w_{t-1} + (1 - decay_w) a v_{t-1} + b s_t
//
// Exponential Euler: the leak is exact, and what is not linear is held over a step. E is exp(x), x = (v - v_rh) /
// delta_t, up to x = 4; from there on exp(4) (1 + d / (1 + d)), d = x - 4, with the same slope at 4, and at most 2
// exp(4). So neither the membrane nor its Jacobian runs away, whatever the reset; the true solution would get from
// there to infinity in tau_m exp(-4), less than a step. In mV: v = (V - E_L) / (V_T - E_L), and v_rh = 1. The paper's
// neuron resets with `to_value`.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct adex {
  static constexpr std::string_view name = "adex";
  static constexpr std::string_view meaning = "adaptive exponential integrate-and-fire";
  static constexpr bool spiking = true;
  static constexpr std::array<std::string_view, 2> states{"w", "v"};
  static constexpr double steepest = 4.0;  // (v - v_rh) / delta_t where the exponential begins to bend
  static constexpr std::array fields{
      field{"tau_m", "ms", 10.0, 0.01, 1e6, "membrane time constant"},
      field{"tau_w", "ms", 100.0, 0.01, 1e6, "time constant of the adaptation"},
      field{"a", "", 0.1, -1e3, 1e6, "coupling of the adaptation to the membrane"},
      field{"b", "", 0.1, -1e3, 1e6, "what one spike adds to the adaptation"},
      field{"v_rh", "", 0.8, 0.0, 1e6, "rheobase threshold: from here on the membrane drives itself"},
      field{"delta_t", "", 0.1, 1e-3, 1e6, "sharpness of the exponential"},
      field{"v_th", "", 1.0, 1e-6, 1e6, "membrane at which a spike is counted"},
      field{"v_reset", "", 0.0, -1e6, 1e6, "membrane after a spike (reset to_value)"},
      field{"reset_strength", "", 1.0, 0.0, 1e3, "share of v_th that a spike subtracts (reset subtract)"}};

  template <class S>
  struct state {
    S w, v;
  };
  template <class S>
  struct parameters {
    S tau_m, tau_w, a, b, v_rh, delta_t, v_th, v_reset, reset_strength;
  };
  template <class S>
  struct constants {
    S decay_m, gain_m, decay_w, a_gain, b, v_rh, sharpness, drive, at_rest, v_th, v_reset, reset_strength;
  };

  template <class S>
  static S bounded_exp(const S& x) {
    const S one = constant<S>(1.0), bend = constant<S>(steepest), capped = select(x > bend, bend, x), over = x - capped;
    return step_exp(capped) * (one + over / (one + over));
  }

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    using std::expm1;
    const S m = constant<S>(-dt) / p.tau_m, w = constant<S>(-dt) / p.tau_w;
    const S gain_m = -expm1(m), sharpness = constant<S>(1.0) / p.delta_t, zero = constant<S>(0.0);
    return {exp(m),
            gain_m,
            exp(w),
            p.a * -expm1(w),
            p.b,
            p.v_rh,
            sharpness,
            gain_m * p.delta_t,
            bounded_exp((zero - p.v_rh) * sharpness),
            p.v_th,
            p.v_reset,
            p.reset_strength};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike& spike) {
    const S before = x.v, self_drive = c.drive * (bounded_exp((before - c.v_rh) * c.sharpness) - c.at_rest);
    x.v = c.decay_m * before + self_drive - c.gain_m * x.w + current;
    const S s = spike(x.v - c.v_th);
    x.w = c.decay_w * x.w + c.a_gain * before + c.b * s;
    x.v = apply_reset(x.v, s, c, spike);
    return s;
  }
};

}  // namespace backspike
