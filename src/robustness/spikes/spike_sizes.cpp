// Counts the bins in which two samples differ.

#include "robustness/spikes/spike_sizes.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace backspike {

std::size_t most_changed(const ragged_events& before, const ragged_events& after, std::size_t sample,
                         std::uint32_t window) {
  std::size_t most = 0, count = 0;
  std::vector<std::uint32_t> changed;
  for (std::size_t t = 0; t < before.length(sample); ++t) {
    const auto old = before.spikes.row(before.sample_rows[sample] + t).channels;
    const auto now = after.spikes.row(after.sample_rows[sample] + t).channels;
    changed.clear();
    std::ranges::set_symmetric_difference(old, now, std::back_inserter(changed));
    count = (window > 0 && t % window == 0 ? 0 : count) + changed.size();
    most = std::max(most, count);
  }
  return most;
}

}  // namespace backspike
