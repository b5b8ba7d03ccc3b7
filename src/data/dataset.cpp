// Checks that the parts of a data set fit each other, and picks samples from one.

#include <backspike/data/dataset.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/reading.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>

namespace backspike {

std::size_t dataset::longest() const {
  std::size_t steps = 0;
  for (std::size_t s = 0; s < size(); ++s) {
    steps = std::max(steps, inputs.length(s));
  }
  return steps;
}

std::size_t dataset::longest(std::span<const std::uint32_t> samples) const {
  std::size_t steps = 0;
  for (const std::uint32_t s : samples) {
    steps = std::max(steps, inputs.length(s));
  }
  return steps;
}

const target_set& dataset::targets(const std::string& of) const {
  if (of.empty()) {
    return *this;
  }
  std::string names;
  for (const named_targets& set : further) {
    if (set.name == of) {
      return set;
    }
    names += (names.empty() ? "" : ", ") + set.name;
  }
  throw value_error("data set " + name, "target", of,
                    names.empty() ? "none: these data have targets of their own only"
                                  : "one that the data have: " + names + "; or none, for their own");
}

sample_target dataset::target(std::uint32_t sample, const target_set& of) const {
  const std::size_t first = inputs.sample_rows[sample], steps = inputs.length(sample);
  sample_target t;
  t.dt = dt;
  t.label = of.labels.empty() ? -1 : of.labels[sample];
  const auto rows_of = [&](const auto& all, std::size_t width) {
    return all.empty() ? std::span(all) : std::span(all).subspan(first * width, steps * width);
  };
  t.step_labels = rows_of(of.step_labels, 1);
  t.values = rows_of(of.step_targets, of.target_width);
  t.weights = rows_of(step_weights, 1);
  t.weight = sample_weights.empty() ? 1.0 : static_cast<double>(sample_weights[sample]);
  return t;
}

namespace {

std::string extent(std::size_t n) { return "[" + std::to_string(n) + "]"; }

void require_length(const std::string& where, const char* what, std::size_t actual, std::size_t expected) {
  if (actual != 0 && actual != expected) {
    throw shape_error(where, what, extent(actual), extent(expected));
  }
}

void require_class(const std::string& where, const std::string& what, std::int32_t label, std::size_t classes) {
  if (label < 0 || static_cast<std::size_t>(label) >= classes) {
    throw value_error(where, what, std::to_string(label), "0 to " + std::to_string(classes) + " exclusive");
  }
}

/// "step 7 of sample 3" for a row.
std::string place_of(const ragged_events& inputs, std::size_t row) {
  const auto after = std::ranges::upper_bound(inputs.sample_rows, row);
  const auto sample = static_cast<std::size_t>(after - inputs.sample_rows.begin()) - 1;
  return "step " + std::to_string(row - inputs.sample_rows[sample]) + " of sample " + std::to_string(sample);
}

void check_step_targets(const dataset& d, const target_set& of, const std::string& where) {
  const std::size_t rows = d.inputs.spikes.rows();
  require_length(where, "step_labels", of.step_labels.size(), rows);
  require_length(where, "step_targets", of.step_targets.size(), rows * of.target_width);
  for (std::size_t r = 0; r < of.step_labels.size(); ++r) {
    if (of.step_labels[r] != -1) {
      require_class(where, "label of " + place_of(d.inputs, r), of.step_labels[r], of.classes());
    }
  }
  if (const std::size_t k = first_no_reading(of.step_targets); k < of.step_targets.size()) {
    throw value_error(where, "target of " + place_of(d.inputs, k / of.target_width), std::to_string(of.step_targets[k]),
                      reading_text() + "; where a step has no target, any such number and a weight of 0");
  }
}

void check_step_weights(const dataset& d, const std::string& where) {
  require_length(where, "step_weights", d.step_weights.size(), d.inputs.spikes.rows());
  for (std::size_t r = 0; r < d.step_weights.size(); ++r) {
    if (!is_reading(d.step_weights[r]) || d.step_weights[r] < 0.0f) {
      throw value_error(where, "weight of " + place_of(d.inputs, r), std::to_string(d.step_weights[r]),
                        "a finite number, at least 0");
    }
  }
}

void check_sample_weights(const dataset& d, const std::string& where) {
  require_length(where, "sample_weights", d.sample_weights.size(), d.size());
  for (std::size_t s = 0; s < d.sample_weights.size(); ++s) {
    if (!is_reading(d.sample_weights[s]) || d.sample_weights[s] < 0.0f) {
      throw value_error(where, "weight of sample " + std::to_string(s), std::to_string(d.sample_weights[s]),
                        "a finite number, at least 0");
    }
  }
}

/// Classes that no sample has; labels of steps may leave one out.
void check_labels(const target_set& of, const std::string& where) {
  std::vector<std::size_t> count(of.classes(), 0);
  for (std::size_t s = 0; s < of.labels.size(); ++s) {
    require_class(where, "label of sample " + std::to_string(s), of.labels[s], of.classes());
    ++count[static_cast<std::size_t>(of.labels[s])];
  }
  for (std::size_t c = 0; c < of.classes() && of.step_labels.empty(); ++c) {
    if (count[c] == 0) {
      throw value_error(where, "class " + of.class_names[c], "no samples", "at least one sample of every class");
    }
  }
}

void require_targets(const dataset& d, const target_set& of, const std::string& where) {
  if (of.labels.empty() && of.step_labels.empty() && of.step_targets.empty() && d.size() > 0) {
    throw value_error(where, "targets", "none", "labels, step_labels or step_targets");
  }
  require_length(where, "labels", of.labels.size(), d.size());
}

/// Those beside its own, each as the data set's own is.
void check_further(const dataset& d, const std::string& where) {
  for (std::size_t k = 0; k < d.further.size(); ++k) {
    const std::string& name = d.further[k].name;
    const auto same = [&](const named_targets& other) { return other.name == name; };
    if (name.empty() || std::ranges::count_if(d.further, same) > 1) {
      throw value_error(where, "name of further targets " + std::to_string(k), "\"" + name + "\"",
                        "a name that no others have");
    }
    const std::string here = where + ", target " + name;
    require_targets(d, d.further[k], here);
    check_labels(d.further[k], here);
    check_step_targets(d, d.further[k], here);
  }
}

}  // namespace

void dataset::validate() const {
  const std::string where = "data set " + name;
  require_targets(*this, *this, where);
  require_length(where, "speakers", speakers.size(), size());
  if (!std::ranges::is_sorted(inputs.sample_rows) || inputs.sample_rows.back() != inputs.spikes.rows()) {
    throw value_error(where, "sample_rows", "end at " + std::to_string(inputs.sample_rows.back()),
                      "ascending to the " + std::to_string(inputs.spikes.rows()) + " rows");
  }
  if (!shape.empty() && neurons_of(shape) != channels) {
    throw shape_error(where, "shape", text_of(shape), "a shape of " + std::to_string(channels) + " channels");
  }
  inputs.spikes.validate(channels);
  check_labels(*this, where);
  check_step_targets(*this, *this, where);
  check_step_weights(*this, where);
  check_sample_weights(*this, where);
  check_further(*this, where);
}

namespace {

/// The same targets, of no sample yet.
named_targets none_of(const named_targets& all) {
  named_targets none;
  none.name = all.name;
  none.class_names = all.class_names;
  none.target_width = all.target_width;
  return none;
}

void append_target(const dataset& all, const target_set& from, std::uint32_t sample, target_set& to) {
  if (!from.labels.empty()) {
    to.labels.push_back(from.labels[sample]);
  }
  const sample_target t = all.target(sample, from);
  to.step_labels.insert(to.step_labels.end(), t.step_labels.begin(), t.step_labels.end());
  to.step_targets.insert(to.step_targets.end(), t.values.begin(), t.values.end());
}

std::uint64_t bytes_of_targets(const target_set& t) {
  return (t.labels.size() + t.step_labels.size()) * sizeof(std::int32_t) + t.step_targets.size() * sizeof(float);
}

}  // namespace

dataset subset(const dataset& all, std::span<const std::uint32_t> picked) {
  dataset part;
  part.name = all.name;
  part.channels = all.channels;
  part.dt = all.dt;
  part.class_names = all.class_names;
  part.speaker_names = all.speaker_names;
  part.target_width = all.target_width;
  part.planted = all.planted;
  part.continuations = all.continuations;
  part.merged_events = all.merged_events;
  std::ranges::transform(all.further, std::back_inserter(part.further), none_of);
  part.shape = all.shape;
  part.maker = all.maker;
  part.notes = all.notes;
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
    append_target(all, all, s, part);
    for (std::size_t k = 0; k < all.further.size(); ++k) {
      append_target(all, all.further[k], s, part.further[k]);
    }
    if (!all.maker_numbers.empty()) {
      part.maker_numbers.push_back(all.maker_numbers[s]);
    }
    if (!all.speakers.empty()) {
      part.speakers.push_back(all.speakers[s]);
    }
    if (!all.sample_weights.empty()) {
      part.sample_weights.push_back(all.sample_weights[s]);
    }
    const auto weights = all.target(s).weights;
    part.step_weights.insert(part.step_weights.end(), weights.begin(), weights.end());
  }
  return part;
}

std::uint64_t bytes_of(const dataset& data) {
  const events& e = data.inputs.spikes;
  std::uint64_t targets = bytes_of_targets(data);
  for (const named_targets& set : data.further) {
    targets += bytes_of_targets(set);
  }
  return e.channels.size() * sizeof(std::uint32_t) + e.values.size() * sizeof(float) +
         (e.row_offsets.size() + data.inputs.sample_rows.size()) * sizeof(std::uint64_t) +
         data.speakers.size() * sizeof(std::int32_t) +
         (data.step_weights.size() + data.sample_weights.size()) * sizeof(float) + targets;
}

std::vector<std::uint32_t> every_sample(const dataset& data) {
  std::vector<std::uint32_t> all(data.size());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

}  // namespace backspike
