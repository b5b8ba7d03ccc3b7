// Appends the samples of one list or data set to another.

#include "data/append.hpp"

#include <algorithm>

namespace backspike {

void append_samples(ragged_events& all, const ragged_events& more) {
  events& to = all.spikes;
  const events& from = more.spikes;
  const std::uint64_t before = to.channels.size(), rows = to.rows();
  if (from.graded() && !to.graded()) {
    to.values.assign(before, 1.0f);
  }
  to.channels.insert(to.channels.end(), from.channels.begin(), from.channels.end());
  to.values.insert(to.values.end(), from.values.begin(), from.values.end());
  if (to.graded()) {
    to.values.resize(to.channels.size(), 1.0f);
  }
  for (std::size_t r = 0; r < from.rows(); ++r) {
    to.row_offsets.push_back(before + from.row_offsets[r + 1]);
  }
  for (std::size_t s = 0; s < more.samples(); ++s) {
    all.sample_rows.push_back(rows + more.sample_rows[s + 1]);
  }
}

namespace {

/// Samples of data without weights count once.
void append_weights(dataset& all, const dataset& more) {
  if (all.sample_weights.empty() && more.sample_weights.empty()) {
    return;
  }
  all.sample_weights.resize(all.size(), 1.0f);
  all.sample_weights.insert(all.sample_weights.end(), more.sample_weights.begin(), more.sample_weights.end());
  all.sample_weights.resize(all.size() + more.size(), 1.0f);
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void append_targets(target_set& all, const target_set& more) {
  append(all.labels, more.labels);
  append(all.step_labels, more.step_labels);
  append(all.step_targets, more.step_targets);
}

/// Targets of one name together; what only one of the two has, nobody could ask for.
void append_further(dataset& all, const dataset& more) {
  std::erase_if(all.further, [&](const named_targets& set) {
    return std::ranges::find(more.further, set.name, &named_targets::name) == more.further.end();
  });
  for (named_targets& set : all.further) {
    append_targets(set, *std::ranges::find(more.further, set.name, &named_targets::name));
  }
}

/// Two makers do not become one: the samples then stay as they are.
void append_maker(dataset& all, const dataset& more) {
  if (all.maker != more.maker) {
    all.maker = nullptr;
    all.maker_numbers.clear();
  } else {
    append(all.maker_numbers, more.maker_numbers);
  }
}

}  // namespace

void append_samples(dataset& all, const dataset& more) {
  append_weights(all, more);  // while `all` has its old size
  append_further(all, more);
  append_samples(all.inputs, more.inputs);
  append_targets(all, more);
  append(all.speakers, more.speakers);
  append(all.step_weights, more.step_weights);
  all.merged_events += more.merged_events;
  append_maker(all, more);
  for (const auto& note : more.notes) {
    if (std::ranges::find(all.notes, note) == all.notes.end()) {
      all.notes.push_back(note);
    }
  }
}

}  // namespace backspike
