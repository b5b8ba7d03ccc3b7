// Flips bins in place in a list of events.

#include "robustness/spikes/spike_raster.hpp"

#include <algorithm>

namespace backspike {

bool spike_raster::has(spike_bin b) const {
  return std::ranges::binary_search(data_.inputs.spikes.row(b.step).channels, b.channel);
}

void spike_raster::flip(spike_bin b) {
  events& e = data_.inputs.spikes;
  const auto begin = e.channels.begin() + static_cast<std::ptrdiff_t>(e.row_offsets[b.step]);
  const auto end = e.channels.begin() + static_cast<std::ptrdiff_t>(e.row_offsets[b.step + 1]);
  const auto at = std::lower_bound(begin, end, b.channel);
  const bool there = at != end && *at == b.channel;
  there ? e.channels.erase(at) : e.channels.insert(at, b.channel);
  for (std::size_t r = b.step + 1; r < e.row_offsets.size(); ++r) {
    there ? --e.row_offsets[r] : ++e.row_offsets[r];
  }
}

}  // namespace backspike
