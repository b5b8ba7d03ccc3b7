// Checks a list of spikes: rows that cover it, channels that ascend and exist, values that are readings.

#include <backspike/core/events.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>

#include <string>

namespace backspike {

void events::clear() {
  row_offsets.assign(1, 0);
  channels.clear();
  values.clear();
}

void events::validate(std::size_t channel_count) const {
  if (row_offsets.empty() || row_offsets.front() != 0 || row_offsets.back() != channels.size()) {
    throw value_error("events", "row_offsets", "ends differ from the event list",
                      "0 first, " + std::to_string(channels.size()) + " last");
  }
  if (!values.empty() && values.size() != channels.size()) {
    throw value_error("events", "values", std::to_string(values.size()) + " values",
                      "none or " + std::to_string(channels.size()));
  }
  if (const std::size_t bad = first_no_reading(values); bad < values.size()) {
    throw value_error("events", "values[" + std::to_string(bad) + "]", std::to_string(values[bad]), reading_text());
  }
  for (std::size_t r = 0; r < rows(); ++r) {
    if (row_offsets[r] > row_offsets[r + 1]) {
      throw value_error("events", "row_offsets[" + std::to_string(r + 1) + "]", std::to_string(row_offsets[r + 1]),
                        "at least " + std::to_string(row_offsets[r]));
    }
  }
  for (std::size_t r = 0; r < rows(); ++r) {  // only now: an offset may be beyond the list and still descend later
    for (std::uint64_t e = row_offsets[r]; e < row_offsets[r + 1]; ++e) {
      if (channels[e] >= channel_count) {
        throw value_error("events", "channel in row " + std::to_string(r), std::to_string(channels[e]),
                          "below " + std::to_string(channel_count));
      }
      if (e > row_offsets[r] && channels[e] <= channels[e - 1]) {
        throw value_error("events", "channel in row " + std::to_string(r), std::to_string(channels[e]),
                          "ascending, each once");
      }
    }
  }
}

std::uint64_t ragged_events::event_count(std::size_t s) const {
  return spikes.row_offsets[sample_rows[s + 1]] - spikes.row_offsets[sample_rows[s]];
}

}  // namespace backspike
