#pragma once
// Short-term plasticity of a synapse: what a spike releases, which depresses and facilitates with the spikes before.
//
//   du/dt = -u / tau_f + U (1 - u^-) sum_k delta(t - t_k),   dx/dt = (1 - x) / tau_d - u^+ x^- sum_k delta(t - t_k)
//   a spike releases u^+ x^-         (Tsodyks, Pawelzik & Markram 1998, eqs. 2.1 to 2.4, for currents that fade faster
//                                     than resources recover; in this form Tsodyks & Wu 2013, Scholarpedia 8(10):3153)
//
//   u^- = decay_f u_{t-1},  d^- = decay_d d_{t-1},  u^+ = u^- + U (1 - u^-)
//   y_t = z_t r,  r = u^+ (1 - d^-),  u_t = u^- + z U (1 - u^-),  d_t = d^- + z r,  z = z_t within 0 to 1
//
// x are the resources that are there, d = 1 - x those that are used up, u the share that is ready to be released; both
// are 0 at rest. Within a step: both relax, exactly; the spike raises u; it releases the raised share of what was there
// before it; that is gone. z_t is 1 in the step of a spike, else 0: an input of weight 1. Everything is linear in it,
// so that the derivative by a spike is what that spike would have released. An input beyond 0 to 1, such as a spike
// that dropout has scaled, is released by its size and uses up what one spike does: no input makes the states grow.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct tsodyks_markram {
  static constexpr std::string_view name = "tsodyks_markram";
  static constexpr std::string_view meaning = "short-term plasticity: what the spikes that arrive release";
  static constexpr bool spiking = false;
  static constexpr std::array<std::string_view, 2> states{"u", "d"};
  static constexpr std::array fields{
      field{"U", "", 0.5, 1e-6, 1.0, "share of the resources that the first spike releases"},
      field{"tau_d", "ms", 200.0, 0.01, 1e6, "time constant in which resources recover (depression)"},
      field{"tau_f", "ms", 20.0, 0.01, 1e6, "time constant in which the released share falls back (facilitation)"}};

  template <class S>
  struct state {
    S u, d;
  };
  template <class S>
  struct parameters {
    S U, tau_d, tau_f;
  };
  template <class S>
  struct constants {
    S U, decay_d, decay_f;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    return {p.U, exp(constant<S>(-dt) / p.tau_d), exp(constant<S>(-dt) / p.tau_f)};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike&) {
    const S zero = constant<S>(0.0), one = constant<S>(1.0);
    const S some = select(current < zero, zero, current), z = select(some > one, one, some);
    const S u = c.decay_f * x.u, used = c.decay_d * x.d, rise = c.U * (one - u);
    const S release = (u + rise) * (one - used);
    x.u = u + z * rise;
    x.d = used + z * release;
    return current * release;
  }
};

}  // namespace backspike
