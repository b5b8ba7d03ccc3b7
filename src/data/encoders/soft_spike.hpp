#pragma once
// The smooth form of a spike that an encoder makes of a value x: a gate that says how much of it there is, and a place
// p(x) in time around which a quadratic B-spline spreads it. At the middle of step t the derivative by the place is
// (g[t + 1] - g[t - 1]) / 2 for an error g on the input. [de Boor 1978, A Practical Guide to Splines, IX]

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace backspike::encoders {

/// A spiking threshold made smooth, and its slope: 1 / (1 + exp(-distance / width)).
struct soft_step {
  double value = 0.0, slope = 0.0;

  soft_step(double distance, double width) {
    value = 1.0 / (1.0 + std::exp(-distance / width));
    slope = value * (1.0 - value) / width;
  }
};

/// Each with its derivative by x.
struct soft_spike {
  double gate = 0.0, gate_slope = 0.0;
  double place = 0.0, place_slope = 0.0;  // [steps] the middle of step t is t

  /// f(step, share of the spike, derivative of the share by the place). What lies before the first step is in it.
  template <class F>
  void each_tap(std::size_t steps, const F& f) const {
    const double middle = std::round(place), from = place - middle;
    const std::array<double, 3> share{0.5 * (0.5 - from) * (0.5 - from), 0.75 - from * from,
                                      0.5 * (0.5 + from) * (0.5 + from)};
    const std::array<double, 3> slope{from - 0.5, -2.0 * from, from + 0.5};
    for (std::size_t k = 0; k < share.size(); ++k) {
      const double t = std::max(middle + static_cast<double>(k) - 1.0, 0.0);
      if (t < static_cast<double>(steps)) {
        f(static_cast<std::size_t>(t), share[k], slope[k]);
      }
    }
  }

  /// Adds it to channel c of the input [steps][channels].
  void add_to(std::span<double> input, std::size_t steps, std::size_t channels, std::size_t c) const {
    each_tap(steps, [&](std::size_t t, double share, double) { input[t * channels + c] += gate * share; });
  }

  /// dL/dx, given dL/dinput.
  template <class T>
  double pull_back(std::span<const T> error_input, std::size_t steps, std::size_t channels, std::size_t c) const {
    double sum = 0.0;
    each_tap(steps, [&](std::size_t t, double share, double slope) {
      sum += static_cast<double>(error_input[t * channels + c]) * (gate_slope * share + gate * slope * place_slope);
    });
    return sum;
  }
};

}  // namespace backspike::encoders
