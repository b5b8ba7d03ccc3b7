#pragma once
// Leaky integrator: it turns spikes into a continuous signal, as a readout or between two layers. No threshold, no
// reset.
//
//   y_t = decay * y_{t-1} + I_t,  decay = exp(-dt / tau_m)          (Bellec et al. 2020, eq. 11)

#include <backspike/cell/surrogate.hpp>
#include <backspike/core/field.hpp>

#include <array>

namespace backspike {

struct leaky_integrator {
  static constexpr std::string_view name = "leaky_integrator";
  static constexpr std::string_view meaning =
      "leaky integrator, an analog value without threshold: a readout, or a filter inside";
  static constexpr bool spiking = false;
  static constexpr std::array<std::string_view, 1> states{"y"};
  static constexpr std::array fields{field{"tau_m", "ms", 20.0, 0.01, 1e6, "time constant"}};

  template <class S>
  struct state {
    S y;
  };
  template <class S>
  struct parameters {
    S tau_m;
  };
  template <class S>
  struct constants {
    S decay;
  };

  template <class S>
  static constants<S> prepare(const parameters<S>& p, double dt) {
    using std::exp;
    return {exp(constant<S>(-dt) / p.tau_m)};
  }

  template <class S, class K, class Spike>
  static S step(state<S>& x, const constants<K>& c, const S& current, const Spike&) {
    x.y = c.decay * x.y + current;
    return x.y;
  }
};

}  // namespace backspike
