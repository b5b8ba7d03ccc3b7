// An input with a value for every channel and step.

#include "robustness/directions.hpp"

#include <backspike/core/error.hpp>

#include <fmt/format.h>

#include <numeric>

namespace backspike {
namespace {

constexpr double most_numbers = 2e8;

}  // namespace

dense_input::dense_input(const dataset& from) : data_(from) {
  const std::size_t rows = from.inputs.spikes.rows();
  if (static_cast<double>(rows) * from.channels > most_numbers) {
    throw value_error("mismatch", "samples",
                      fmt::format("{} of {} channels, {} steps in all", from.size(), from.channels, rows),
                      "at most 200 million values together: fewer samples");
  }
  events& dense = data_.inputs.spikes;
  dense.clear();
  dense.channels.resize(rows * from.channels);
  dense.values.assign(rows * from.channels, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t at = r * from.channels;
    std::iota(dense.channels.begin() + static_cast<std::ptrdiff_t>(at),
              dense.channels.begin() + static_cast<std::ptrdiff_t>(at + from.channels), 0u);
    dense.row_offsets.push_back(at + from.channels);
    const event_row row = from.inputs.spikes.row(r);
    for (std::size_t k = 0; k < row.channels.size(); ++k) {
      dense.values[at + row.channels[k]] = row.values.empty() ? 1.0f : row.values[k];
    }
  }
  before_ = dense.values;
}

}  // namespace backspike
