#include "data/append.hpp"

namespace backspike {

void append_samples(ragged_events& all, const ragged_events& more) {
  events& to = all.spikes;
  const events& from = more.spikes;
  const std::uint64_t before = to.channels.size(), rows = to.rows();
  to.channels.insert(to.channels.end(), from.channels.begin(), from.channels.end());
  to.values.insert(to.values.end(), from.values.begin(), from.values.end());
  for (std::size_t r = 0; r < from.rows(); ++r) {
    to.row_offsets.push_back(before + from.row_offsets[r + 1]);
  }
  for (std::size_t s = 0; s < more.samples(); ++s) {
    all.sample_rows.push_back(rows + more.sample_rows[s + 1]);
  }
}

}  // namespace backspike
