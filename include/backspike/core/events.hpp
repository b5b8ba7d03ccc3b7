#pragma once
// Spikes are lists of indices. A row is one (sample, step); rows of one sample lie one after another in time.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// One row: the channels that spiked in this step, ascending, and their graded values (empty: every value is 1).
struct event_row {
  std::span<const std::uint32_t> channels;
  std::span<const float> values;
};

/// Ragged spike lists (compressed rows): row r holds channels[row_offsets[r] .. row_offsets[r + 1]).
struct events {
  std::vector<std::uint64_t> row_offsets{0};
  std::vector<std::uint32_t> channels;
  std::vector<float> values;  // empty, or as long as channels

  std::size_t rows() const { return row_offsets.size() - 1; }
  std::size_t size() const { return channels.size(); }
  bool graded() const { return !values.empty(); }
  event_row row(std::size_t r) const {
    const auto first = row_offsets[r], count = row_offsets[r + 1] - first;
    return {std::span(channels).subspan(first, count),
            values.empty() ? std::span<const float>{} : std::span(values).subspan(first, count)};
  }
  /// Closes the current row: everything pushed to `channels` since the last call belongs to it.
  void end_row() { row_offsets.push_back(channels.size()); }
  void clear();
  /// Throws value_error unless offsets ascend, channels are below `channel_count` and ascend strictly within a row, and
  /// values are readings (core/reading.hpp).
  void validate(std::size_t channel_count) const;
};

/// Samples of different lengths without padding: sample s covers rows [sample_rows[s], sample_rows[s + 1]).
struct ragged_events {
  events spikes;
  std::vector<std::uint64_t> sample_rows{0};

  std::size_t samples() const { return sample_rows.size() - 1; }
  std::size_t length(std::size_t s) const { return sample_rows[s + 1] - sample_rows[s]; }  // [steps]
  std::uint64_t event_count(std::size_t s) const;
  /// Closes the current sample: every row ended since the last call belongs to it.
  void end_sample() { sample_rows.push_back(spikes.rows()); }
};

}  // namespace backspike
