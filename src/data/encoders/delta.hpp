#pragma once
// The encoder delta: the sample is a series in time, one row of values a step (an image is read from top to bottom).
// r_i is the value at the last spike of column i, 0 at first. Where x - r_i > theta the column gives a spike on channel
// i, where r_i - x > theta on channel columns + i, and r_i = x. Send-on-delta, as the pixels of event cameras do.
// [Miskowicz 2006, Sensors 6(1), 49-63; Lichtsteiner et al. 2008, IEEE JSSC 43(2), 566-576]

#include "data/encoders/encoder_base.hpp"

namespace backspike::encoders {

struct delta : encoder_base {
  static constexpr encoder_kind kind = encoder_kind::delta;
  static constexpr bool rows_are_steps = true;

  static void check(const encoder_spec& s, const value_shape&) {
    require(s.threshold >= 0.0 && s.threshold < 1.0, "threshold", s.threshold, "0 to 1 exclusive");
  }

  static std::size_t channels(const encoder_spec&, const value_shape& shape) { return 2 * shape.columns; }

  static void append(const encoder_spec& s, const value_shape& shape, std::span<const float> values, random_stream,
                     ragged_events& out) {
    const auto threshold = static_cast<float>(s.threshold);
    const std::size_t columns = shape.columns;
    std::vector<float> last(columns, 0.0f);
    std::vector<std::uint32_t> falling;
    for (std::size_t row = 0; row < values.size(); row += columns) {
      falling.clear();
      for (std::size_t c = 0; c < columns; ++c) {
        const float change = values[row + c] - last[c];
        if (change > threshold) {
          out.spikes.channels.push_back(static_cast<std::uint32_t>(c));
          last[c] = values[row + c];
        } else if (-change > threshold) {
          falling.push_back(static_cast<std::uint32_t>(columns + c));
          last[c] = values[row + c];
        }
      }
      out.spikes.channels.insert(out.spikes.channels.end(), falling.begin(), falling.end());
      out.spikes.end_row();
    }
    out.end_sample();
  }

  /// At most.
  static double events(const encoder_spec&, const value_shape&, std::span<const float> values) {
    return static_cast<double>(values.size());
  }
};

}  // namespace backspike::encoders
