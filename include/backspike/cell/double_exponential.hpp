#pragma once
// Double-exponential filter: the postsynaptic potential of a spike, with a rise and a decay. No threshold, no reset.
//
//   y(t) = sum_k w_k amplitude K(t - t_k),  K(t) = (exp(-t / tau_decay) - exp(-t / tau_rise)) / its peak
//   x_t = decay_rise x_{t-1} + I_t,  y_t = decay_fall y_{t-1} + gain x_{t-1}
//   gain = amplitude / peak * dt/tau_rise * exp(-dt/tau_decay) * expm1(u) / u,  u = dt/tau_decay - dt/tau_rise
//   peak = exp(-log(1 + q) / q),  q = tau_decay / tau_rise - 1, of the kernel with x / tau_rise as its drive
//
// The exact solution on the grid (Roth & van Rossum 2009, eq. 6.4), symmetric in the two time constants and regular
// where they are equal: K(t) = t / tau * exp(1 - t / tau). A spike of weight 1 rises to `amplitude` and no further.

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>
#include <backspike/scalar/quotients.hpp>

#include <array>

namespace backspike {

struct double_exponential {
  static constexpr std::string_view name = "double_exponential";
  static constexpr std::string_view meaning =
      "double-exponential filter, an analog value with a rise time: a readout, or a filter inside";
  static constexpr bool spiking = false;
  static constexpr std::array<std::string_view, 2> states{"x", "y"};
  static constexpr std::array fields{field{"tau_rise", "ms", 5.0, 0.01, 1e6, "time constant of the rise"},
                                     field{"tau_decay", "ms", 20.0, 0.01, 1e6, "time constant of the decay"},
                                     field{"amplitude", "", 1.0, -1e6, 1e6, "peak of the response to a spike"}};

  template <class S>
  struct state {
    S x, y;
  };
  template <class S>
  struct parameters {
    S tau_rise, tau_decay, amplitude;
  };
  template <class S>
  struct constants {
    S decay_rise, decay_fall, gain;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    const S rise = constant<S>(dt) / p.tau_rise, fall = constant<S>(dt) / p.tau_decay;
    const S decay_rise = exp(-rise), decay_fall = exp(-fall);
    const S over_peak = exp(log1p_over_x(p.tau_decay / p.tau_rise - constant<S>(1.0)));
    const S gain = times_decay_difference(p.amplitude * over_peak * rise, fall, rise, decay_fall, decay_rise);
    return {decay_rise, decay_fall, gain};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike&) {
    x.y = c.decay_fall * x.y + c.gain * x.x;
    x.x = c.decay_rise * x.x + current;
    return x.y;
  }
};

}  // namespace backspike
