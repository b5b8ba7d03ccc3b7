#pragma once
// The encoder delta: the sample is a series in time, one row of values a step (an image is read from top to bottom).
// r_i is the value at the last spike of column i, 0 at first. Where x - r_i > theta the column gives a spike on channel
// i, where r_i - x > theta on channel columns + i, and r_i = x. Send-on-delta, as the pixels of event cameras do.
// [Miskowicz 2006, Sensors 6(1), 49-63; Lichtsteiner et al. 2008, IEEE JSSC 43(2), 566-576]

#include "data/encoders/encoder_base.hpp"
#include "data/encoders/soft_spike.hpp"

#include <vector>

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

  /// One column in one step: both thresholds, and what becomes of the value at the last spike.
  struct soft_change {
    double change;
    soft_step rises, falls;
    double spikes;  // of both kinds

    soft_change(const encoder_spec& s, double x, double last, double width, bool smooth)
        : change(x - last),
          rises(change - s.threshold, width),
          falls(-change - s.threshold, width),
          spikes(smooth                           ? rises.value + falls.value
                 : std::abs(change) > s.threshold ? 1.0
                                                  : 0.0) {}
  };

  static void relax(const encoder_spec& s, const value_shape& shape, std::span<const double> values, double width,
                    std::span<double> input) {
    std::vector<double> last(shape.columns, 0.0);
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::size_t c = k % shape.columns, row = k / shape.columns * 2 * shape.columns;
      const soft_change now(s, values[k], last[c], width, true);
      input[row + c] += now.rises.value;
      input[row + shape.columns + c] += now.falls.value;
      last[c] += now.spikes * now.change;
    }
  }

  template <class T>
  static void pull_back(const encoder_spec& s, const value_shape& shape, std::span<const T> values,
                        std::span<const T> error_input, double width, bool smooth, std::span<T> gradient) {
    std::vector<soft_change> passed;
    std::vector<double> last(shape.columns, 0.0), error_last(shape.columns, 0.0);
    for (std::size_t k = 0; k < values.size(); ++k) {
      const std::size_t c = k % shape.columns;
      passed.emplace_back(s, static_cast<double>(values[k]), last[c], width, smooth);
      last[c] += passed.back().spikes * passed.back().change;
    }
    for (std::size_t k = values.size(); k-- > 0;) {
      const std::size_t c = k % shape.columns, row = k / shape.columns * 2 * shape.columns;
      const soft_change& now = passed[k];
      const double error = static_cast<double>(error_input[row + c]) * now.rises.slope -
                           static_cast<double>(error_input[row + shape.columns + c]) * now.falls.slope +
                           error_last[c] * (now.spikes + now.change * (now.rises.slope - now.falls.slope));
      gradient[k] += static_cast<T>(error);
      error_last[c] -= error;
    }
  }

  /// At most.
  static double events(const encoder_spec&, const value_shape&, std::span<const float> values) {
    return static_cast<double>(values.size());
  }
};

}  // namespace backspike::encoders
