// Cuts samples to their first steps, for the comparison of gradients at several lengths.

#include <backspike/data/first_steps.hpp>

#include <algorithm>
#include <numeric>

namespace backspike {
namespace {

/// Keeps of a list with `width` entries a row the rows that were kept.
template <class Value>
void keep_rows(std::vector<Value>& values, const std::vector<std::uint64_t>& rows, std::size_t width) {
  if (values.empty()) {
    return;
  }
  std::vector<Value> kept;
  for (const std::uint64_t r : rows) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(r * width);
    kept.insert(kept.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  values = std::move(kept);
}

void keep_target_rows(target_set& targets, const std::vector<std::uint64_t>& rows) {
  keep_rows(targets.step_labels, rows, 1);
  keep_rows(targets.step_targets, rows, targets.target_width);
}

}  // namespace

dataset first_steps(const dataset& all, std::span<const std::uint32_t> picked, std::size_t steps) {
  dataset part = subset(all, picked);
  const ragged_events whole = std::move(part.inputs);
  part.inputs = {};
  std::vector<std::uint64_t> rows;
  for (std::size_t s = 0; s < whole.samples(); ++s) {
    for (std::size_t t = 0; t < std::min(steps, whole.length(s)); ++t) {
      rows.push_back(whole.sample_rows[s] + t);
      const event_row row = whole.spikes.row(rows.back());
      events& to = part.inputs.spikes;
      to.channels.insert(to.channels.end(), row.channels.begin(), row.channels.end());
      to.values.insert(to.values.end(), row.values.begin(), row.values.end());
      to.end_row();
    }
    part.inputs.end_sample();
  }
  keep_target_rows(part, rows);
  for (named_targets& set : part.further) {
    keep_target_rows(set, rows);
  }
  keep_rows(part.step_weights, rows, 1);
  return part;
}

}  // namespace backspike
