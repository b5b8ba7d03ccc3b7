#pragma once
// The encoder latency: a pixel charges with current x towards the threshold theta of a leaky integrator and spikes
// once, at t = tau ln(x / (x - theta)) for x > theta, in step floor(t / dt). Values up to theta, and spikes after the
// last step, are left out. [Zenke and Vogels 2021, Neural Computation 33(4), 899-925]

#include <backspike/core/time_grid.hpp>

#include "data/encoders/encoder_base.hpp"

namespace backspike::encoders {

struct latency : encoder_base {
  static constexpr encoder_kind kind = encoder_kind::latency;

  static void check(const encoder_spec& s, const value_shape&) {
    require(std::isfinite(s.tau) && s.tau > 0.0, "tau", s.tau, "above 0 ms");
    require(s.threshold >= 0.0 && s.threshold < 1.0, "threshold", s.threshold,  // at 1 nothing would ever spike
            "0 to 1 exclusive");
  }

  static void append(const encoder_spec& s, const value_shape&, std::span<const float> values, random_stream,
                     ragged_events& out) {
    const auto threshold = static_cast<float>(s.threshold);  // as the values, so that one equal to it is not above
    const time_grid grid(s.dt);
    spike_list spikes;
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (values[c] > threshold) {
        const double x = values[c];
        const double step = grid.step_of(s.tau * std::log(x / (x - threshold)));
        if (step < s.steps) {
          spikes.add(static_cast<std::uint32_t>(step), c);
        }
      }
    }
    spikes.append_to(out, s.steps);
  }

  static double events(const encoder_spec&, const value_shape&, std::span<const float> values) { return lit(values); }
};

}  // namespace backspike::encoders
