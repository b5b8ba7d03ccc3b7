#pragma once
// The encoder poisson: in every step a spike with probability rate dt x (a Bernoulli process, the Poisson process in
// steps). Drawn as gaps between spikes, floor(ln u / ln(1 - rate dt x)) with u uniform, which is the same process at
// the cost of one number a spike. [Devroye 1986, Non-Uniform Random Variate Generation, X.2]

#include "data/encoders/encoder_base.hpp"

#include <numeric>

namespace backspike::encoders {

struct poisson : encoder_base {
  static constexpr encoder_kind kind = encoder_kind::poisson;

  static void check(const encoder_spec& s, const value_shape&) {
    require(s.rate >= 0.0 && s.rate * s.dt * seconds_per_ms <= 1.0, "rate", s.rate,
            "0 to " + std::to_string(1.0 / (s.dt * seconds_per_ms)) + " Hz: at most one spike a step");
  }

  static void append(const encoder_spec& s, const value_shape&, std::span<const float> values, random_stream random,
                     ragged_events& out) {
    const double scale = s.rate * s.dt * seconds_per_ms;
    spike_list spikes;
    for (std::size_t c = 0; c < values.size(); ++c) {
      const double probability = scale * static_cast<double>(values[c]);
      if (probability > 0.0) {
        const double log_silent = std::log1p(-probability);  // minus infinity at 1: every gap is 0
        const auto gap = [&] { return std::floor(std::log(random.uniform()) / log_silent); };
        for (double step = gap(); step < s.steps; step += 1.0 + gap()) {
          spikes.add(static_cast<std::uint32_t>(step), c);
        }
      }
    }
    spikes.append_to(out, s.steps);
  }

  /// Smooth is the expectation.
  static void relax(const encoder_spec& s, const value_shape&, std::span<const double> values, double,
                    std::span<double> input) {
    for (std::size_t k = 0; k < input.size(); ++k) {
      input[k] += s.rate * s.dt * seconds_per_ms * values[k % values.size()];
    }
  }

  template <class T>
  static void pull_back(const encoder_spec& s, const value_shape&, std::span<const T> values,
                        std::span<const T> error_input, double, bool, std::span<T> gradient) {
    for (std::size_t k = 0; k < error_input.size(); ++k) {
      gradient[k % values.size()] += static_cast<T>(s.rate * s.dt * seconds_per_ms) * error_input[k];
    }
  }

  static double events(const encoder_spec& s, const value_shape&, std::span<const float> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) * s.rate * s.dt * seconds_per_ms * s.steps;
  }
};

}  // namespace backspike::encoders
