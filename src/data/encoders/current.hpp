#pragma once
// The encoder current: no spikes; every step carries the value gain x on channel i where x > 0.

#include "data/encoders/encoder_base.hpp"

namespace backspike::encoders {

struct current : encoder_base {
  static constexpr encoder_kind kind = encoder_kind::current;
  static constexpr bool graded = true;

  static void check(const encoder_spec& s, const value_shape&) {
    require(std::isfinite(s.gain), "gain", s.gain, "a finite number");
  }

  static void append(const encoder_spec& s, const value_shape&, std::span<const float> values, random_stream,
                     ragged_events& out) {
    const auto gain = static_cast<float>(s.gain);
    std::vector<std::uint32_t> channels;
    std::vector<float> amplitudes;
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (values[c] > 0.0f) {
        channels.push_back(static_cast<std::uint32_t>(c));
        amplitudes.push_back(gain * values[c]);
      }
    }
    for (std::uint32_t t = 0; t < s.steps; ++t) {
      out.spikes.channels.insert(out.spikes.channels.end(), channels.begin(), channels.end());
      out.spikes.values.insert(out.spikes.values.end(), amplitudes.begin(), amplitudes.end());
      out.spikes.end_row();
    }
    out.end_sample();
  }

  static void relax(const encoder_spec& s, const value_shape&, std::span<const double> values, double,
                    std::span<double> input) {
    for (std::size_t k = 0; k < input.size(); ++k) {
      input[k] += s.gain * values[k % values.size()];
    }
  }

  template <class T>
  static void pull_back(const encoder_spec& s, const value_shape&, std::span<const T> values,
                        std::span<const T> error_input, double, bool, std::span<T> gradient) {
    for (std::size_t k = 0; k < error_input.size(); ++k) {
      gradient[k % values.size()] += static_cast<T>(s.gain) * error_input[k];
    }
  }

  static double events(const encoder_spec& s, const value_shape&, std::span<const float> values) {
    return lit(values) * s.steps;
  }
};

}  // namespace backspike::encoders
