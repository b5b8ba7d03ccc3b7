// Makes a data set of the arrays x and y of a MATLAB file: events and a label for each step.

#include <backspike/core/input_file.hpp>
#include <backspike/core/reading.hpp>
#include <backspike/data/mat_sequences.hpp>

#include "core/short_number.hpp"
#include "io/mat/mat_file.hpp"
#include "io/wall/inner_readers.hpp"
#include "io/wall/wall.hpp"
#include "io/wall/wall_transfer.hpp"

namespace backspike {
namespace {

std::string place(std::size_t sample, std::size_t step) {
  return "sample " + std::to_string(sample) + ", step " + std::to_string(step) + ": ";
}

/// The class of a step, -1 where no class is marked.
std::int32_t label_of(const mat_file& file, const mat_array& y, std::size_t s, std::size_t t) {
  std::int32_t label = -1;
  for (std::size_t c = 0; c < y.extents[2]; ++c) {
    const double mark = y.at(s, t, c);
    if (mark == 0.0) {
      continue;
    }
    if (mark != 1.0 || label >= 0) {
      file.fail("y", place(s, t) + "accepted: at most one 1, all else 0");
    }
    label = static_cast<std::int32_t>(c);
  }
  return label;
}

void append_events(const mat_file& file, const mat_array& x, std::size_t s, std::size_t t, events& to) {
  for (std::size_t c = 0; c < x.extents[2]; ++c) {
    const double value = x.at(s, t, c);
    if (!is_reading(static_cast<float>(value))) {
      file.fail("x", place(s, t) + "is " + short_number(value) + "; accepted: " + reading_text());
    }
    if (value != 0.0) {
      to.channels.push_back(static_cast<std::uint32_t>(c));
      to.values.push_back(static_cast<float>(value));
    }
  }
  to.end_row();
}

std::string shape_of(const mat_array& a) {
  return std::to_string(a.extents[0]) + " x " + std::to_string(a.extents[1]) + " x " + std::to_string(a.extents[2]);
}

}  // namespace

dataset read_mat_sequences_here(const std::string& path, const mat_sequence_options& options,
                                const read_limits& limits) {
  const mat_file file(path, limits);
  const auto x = file.array("x", 3);
  const bool labelled = !options.labels_optional || file.has("y");
  const auto y =
      labelled ? file.array("y", 3) : mat_array{{x.extents[0], x.extents[1], options.class_names.size()}, {}};
  if (y.extents[0] != x.extents[0] || y.extents[1] != x.extents[1] || y.extents[2] != options.class_names.size()) {
    file.fail("y", "is " + shape_of(y) + ", x is " + shape_of(x) + "; accepted: as many samples and steps, and " +
                       std::to_string(options.class_names.size()) + " classes");
  }
  dataset data;
  data.name = options.name;
  data.channels = static_cast<std::uint32_t>(x.extents[2]);
  data.dt = options.dt;
  data.class_names = options.class_names;
  for (std::size_t s = 0; s < x.extents[0]; ++s) {
    for (std::size_t t = 0; t < x.extents[1]; ++t) {
      append_events(file, x, s, t, data.inputs.spikes);
      if (labelled) {
        data.step_labels.push_back(label_of(file, y, s, t));
      }
    }
    data.inputs.end_sample();
  }
  if (labelled) {
    data.validate();
  }
  return data;
}

dataset read_mat_sequences(const std::string& path, const mat_sequence_options& options) {
  const auto limits = limits_for(regular_file_size(path));
  return read_behind_wall<dataset>(path, "matio", limits,
                                   [&] { return read_mat_sequences_here(path, options, limits); });
}

}  // namespace backspike
