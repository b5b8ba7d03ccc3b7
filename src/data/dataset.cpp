#include <backspike/data/dataset.hpp>

#include <backspike/core/error.hpp>

#include <algorithm>

namespace backspike {

std::size_t dataset::longest() const {
  std::size_t steps = 0;
  for (std::size_t s = 0; s < size(); ++s) {
    steps = std::max(steps, inputs.length(s));
  }
  return steps;
}

void dataset::validate() const {
  const std::string where = "data set " + name;
  if (labels.size() != size()) {
    throw shape_error(where, "labels", "[" + std::to_string(labels.size()) + "]", "[" + std::to_string(size()) + "]");
  }
  if (!speakers.empty() && speakers.size() != size()) {
    throw shape_error(where, "speakers", "[" + std::to_string(speakers.size()) + "]",
                      "[" + std::to_string(size()) + "]");
  }
  if (!std::ranges::is_sorted(inputs.sample_rows) || inputs.sample_rows.back() != inputs.spikes.rows()) {
    throw value_error(where, "sample_rows", "end at " + std::to_string(inputs.sample_rows.back()),
                      "ascending to the " + std::to_string(inputs.spikes.rows()) + " rows");
  }
  inputs.spikes.validate(channels);
  std::vector<std::size_t> count(classes(), 0);
  for (std::size_t s = 0; s < size(); ++s) {
    if (labels[s] < 0 || static_cast<std::size_t>(labels[s]) >= classes()) {
      throw value_error(where, "label of sample " + std::to_string(s), std::to_string(labels[s]),
                        "0 to " + std::to_string(classes()) + " exclusive");
    }
    ++count[static_cast<std::size_t>(labels[s])];
  }
  for (std::size_t c = 0; c < classes(); ++c) {
    if (count[c] == 0) {
      throw value_error(where, "class " + class_names[c], "no samples", "at least one sample of every class");
    }
  }
}

dataset subset(const dataset& all, std::span<const std::uint32_t> picked) {
  dataset part;
  part.name = all.name;
  part.channels = all.channels;
  part.dt = all.dt;
  part.class_names = all.class_names;
  part.speaker_names = all.speaker_names;
  const events& from = all.inputs.spikes;
  events& to = part.inputs.spikes;
  for (const std::uint32_t s : picked) {
    for (std::uint64_t r = all.inputs.sample_rows[s]; r < all.inputs.sample_rows[s + 1]; ++r) {
      const event_row row = from.row(r);
      to.channels.insert(to.channels.end(), row.channels.begin(), row.channels.end());
      to.values.insert(to.values.end(), row.values.begin(), row.values.end());
      to.end_row();
    }
    part.inputs.end_sample();
    part.labels.push_back(all.labels[s]);
    if (!all.speakers.empty()) {
      part.speakers.push_back(all.speakers[s]);
    }
  }
  return part;
}

}  // namespace backspike
