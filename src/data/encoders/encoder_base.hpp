#pragma once
// What all encoders share: the size of a sample, spikes of a sample in any order, and how a setting is refused. An
// encoder of the list (data/encoders/encoders.hpp) derives from encoder_base and says
//
//   kind             its name in encoder_kind
//   check            throws value_error for a setting that it cannot take; `steps` and `dt` are checked for all
//   append           adds the events of one sample, of which the random numbers are its own
//   events           how many events a sample of these values has, for the forecast of memory
//   channels         where a value is not one channel
//   rows_are_steps   true: the sample is a series in time, one row of values a step, and `steps` is not used
//   graded           true: its events carry values
//   relax            adds the smooth form of a sample to the input [steps][channels]; `width` is that of its thresholds
//   pull_back        adds dL/dvalues, given dL/dinput: of the smooth form, or with the thresholds of the hard one
//
// relax and pull_back are what attacks on values go through (robustness); docs/reality/attacks.md has the equations.

#include <backspike/core/error.hpp>
#include <backspike/core/events.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/data_spec.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike::encoders {

inline constexpr double seconds_per_ms = 1e-3;

/// Values of one sample, row by row.
struct value_shape {
  std::size_t rows = 0, columns = 0;

  std::size_t values() const { return rows * columns; }
};

inline void require(bool accepted, const std::string& setting, double value, const std::string& range) {
  if (!accepted) {
    throw value_error("encoder", setting, std::to_string(value), range);
  }
}

struct encoder_base {
  static constexpr bool rows_are_steps = false, graded = false;

  static std::size_t channels(const encoder_spec&, const value_shape& shape) { return shape.values(); }
};

/// Values above 0, those that something can come of.
inline double lit(std::span<const float> values) {
  return static_cast<double>(std::count_if(values.begin(), values.end(), [](float x) { return x > 0.0f; }));
}

/// Spikes in any order of steps; within a step the channels must ascend.
struct spike_list {
  std::vector<std::uint32_t> step, channel;

  void add(std::uint32_t t, std::size_t c) {
    step.push_back(t);
    channel.push_back(static_cast<std::uint32_t>(c));
  }

  void append_to(ragged_events& out, std::uint32_t steps) const {
    events& e = out.spikes;
    std::vector<std::uint64_t> next(steps, 0);
    for (const std::uint32_t t : step) {
      ++next[t];
    }
    std::uint64_t end = e.channels.size();
    for (std::uint64_t& place : next) {
      const std::uint64_t count = place;
      place = end;
      end += count;
      e.row_offsets.push_back(end);
    }
    e.channels.resize(end);
    for (std::size_t k = 0; k < step.size(); ++k) {
      e.channels[next[step[k]]++] = channel[k];
    }
    out.end_sample();
  }
};

}  // namespace backspike::encoders
