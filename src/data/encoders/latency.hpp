#pragma once
// The encoder latency: a pixel charges with current x towards the threshold theta of a leaky integrator and spikes
// once, at t = tau ln(x / (x - theta)) for x > theta, in step floor(t / dt). Values up to theta, and spikes after the
// last step, are left out. [Zenke and Vogels 2021, Neural Computation 33(4), 899-925]

#include <backspike/core/time_grid.hpp>

#include "data/encoders/encoder_base.hpp"
#include "data/encoders/soft_spike.hpp"

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

  /// The gate opens at the value that spikes with the end of the last step; darker ones would come there.
  static soft_spike soft(const encoder_spec& s, double x, double width) {
    const double tau = s.tau / s.dt, last = s.steps - 1.0;
    const double least = s.threshold / (1.0 - std::exp(-s.steps / tau));
    const soft_step gate(x - least, width);
    soft_spike spike{.gate = gate.value, .gate_slope = gate.slope, .place = last, .place_slope = 0.0};
    if (x > s.threshold) {
      if (const double place = tau * std::log(x / (x - s.threshold)) - 0.5; place < last) {
        spike.place = place;
        spike.place_slope = -tau * s.threshold / (x * (x - s.threshold));
      }
    }
    return spike;
  }

  static void relax(const encoder_spec& s, const value_shape&, std::span<const double> values, double width,
                    std::span<double> input) {
    for (std::size_t c = 0; c < values.size(); ++c) {
      soft(s, values[c], width).add_to(input, s.steps, values.size(), c);
    }
  }

  template <class T>
  static void pull_back(const encoder_spec& s, const value_shape&, std::span<const T> values,
                        std::span<const T> error_input, double width, bool, std::span<T> gradient) {
    for (std::size_t c = 0; c < values.size(); ++c) {
      gradient[c] += static_cast<T>(
          soft(s, static_cast<double>(values[c]), width).pull_back(error_input, s.steps, values.size(), c));
    }
  }

  static double events(const encoder_spec&, const value_shape&, std::span<const float> values) { return lit(values); }
};

}  // namespace backspike::encoders
