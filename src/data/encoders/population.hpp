#pragma once
// The encoder population: `fields` neurons with overlapping Gaussian receptive fields see each value. Field i = 1 ...
// fields responds to x with
//
//   r_i = exp(-(x - mu_i)^2 / (2 sigma^2)),  mu_i = (2 i - 3) / 2 / (fields - 2),  sigma = 1 / (beta (fields - 2))
//
// and spikes once, in step round((1 - r_i) (steps - 1)): early where the response is large. Responses up to the
// threshold, which would come last, are no spike. Value v and field i have channel v fields + i - 1. [Bohte, Kok and La
// Poutre 2002, Neurocomputing 48, 17-37, section 4.1]

#include "data/encoders/encoder_base.hpp"
#include "data/encoders/soft_spike.hpp"

#include <limits>

namespace backspike::encoders {

struct population : encoder_base {
  static constexpr encoder_kind kind = encoder_kind::population;

  static void check(const encoder_spec& s, const value_shape& shape) {
    const auto most = std::numeric_limits<std::uint32_t>::max() / std::max<std::size_t>(shape.values(), 1);
    require(s.fields >= 3 && s.fields <= most, "fields", s.fields,
            "3 to " + std::to_string(most) + " for " + std::to_string(shape.values()) + " values");
    require(std::isfinite(s.beta) && s.beta > 0.0, "beta", s.beta, "above 0");
    require(s.threshold >= 0.0 && s.threshold < 1.0, "threshold", s.threshold, "0 to 1 exclusive");
  }

  static std::size_t channels(const encoder_spec& s, const value_shape& shape) { return shape.values() * s.fields; }

  /// Of the field with this number from 0.
  static double response(const encoder_spec& s, double x, std::uint32_t field) {
    const double from_centre = s.beta * (x * (s.fields - 2.0) - (field - 0.5));  // in sigma
    return std::exp(-0.5 * from_centre * from_centre);
  }

  static void append(const encoder_spec& s, const value_shape&, std::span<const float> values, random_stream,
                     ragged_events& out) {
    spike_list spikes;
    for (std::size_t v = 0; v < values.size(); ++v) {
      for (std::uint32_t field = 0; field < s.fields; ++field) {
        if (const double r = response(s, values[v], field); r > s.threshold) {
          spikes.add(static_cast<std::uint32_t>(std::lround((1.0 - r) * (s.steps - 1))), v * s.fields + field);
        }
      }
    }
    spikes.append_to(out, s.steps);
  }

  static soft_spike soft(const encoder_spec& s, double x, std::uint32_t field, double width) {
    const double r = response(s, x, field), fields = s.fields - 2.0;
    const double slope = -r * s.beta * s.beta * fields * (x * fields - (field - 0.5));
    const soft_step gate(r - s.threshold, width);
    return {.gate = gate.value,
            .gate_slope = gate.slope * slope,
            .place = (1.0 - r) * (s.steps - 1.0),
            .place_slope = -slope * (s.steps - 1.0)};
  }

  static void relax(const encoder_spec& s, const value_shape& shape, std::span<const double> values, double width,
                    std::span<double> input) {
    for (std::size_t c = 0; c < channels(s, shape); ++c) {
      soft(s, values[c / s.fields], static_cast<std::uint32_t>(c % s.fields), width)
          .add_to(input, s.steps, channels(s, shape), c);
    }
  }

  template <class T>
  static void pull_back(const encoder_spec& s, const value_shape& shape, std::span<const T> values,
                        std::span<const T> error_input, double width, bool, std::span<T> gradient) {
    for (std::size_t c = 0; c < channels(s, shape); ++c) {
      const soft_spike spike =
          soft(s, static_cast<double>(values[c / s.fields]), static_cast<std::uint32_t>(c % s.fields), width);
      gradient[c / s.fields] += static_cast<T>(spike.pull_back(error_input, s.steps, channels(s, shape), c));
    }
  }

  /// At most: the fields whose centre is near enough to a value.
  static double events(const encoder_spec& s, const value_shape&, std::span<const float> values) {
    const double near = std::floor(2.0 * std::sqrt(-2.0 * std::log(s.threshold)) / s.beta) + 1.0;
    return static_cast<double>(values.size()) * std::min<double>(near, s.fields);
  }
};

}  // namespace backspike::encoders
