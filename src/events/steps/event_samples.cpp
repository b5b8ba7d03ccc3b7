// Reads recordings one after another and makes a sample of each.

#include <backspike/events/event_samples.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/events/event_filters.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace backspike {
namespace {

constexpr double us_in_ms = 1000.0;

std::int64_t in_us(double ms) { return static_cast<std::int64_t>(std::llround(ms * us_in_ms)); }

/// What is odd in several recordings, in one line for each kind.
class oddity_list {
 public:
  void add(const std::string& path, const event_report& report, std::uint64_t before_origin) {
    auto odd = report.oddities();
    if (before_origin > 0) {
      odd += (odd.empty() ? "" : ", ") + std::to_string(before_origin) + " events before time 0 are left out";
    }
    if (!odd.empty() && odd_++ == 0) {
      first_odd_ = path + ": " + odd;
    }
    if (report.events == 0 && empty_++ == 0) {
      first_empty_ = path;
    }
    ++files_;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> all;
    const auto of_all = " of " + std::to_string(files_) + " recordings ";
    if (odd_ > 0) {
      all.push_back("not everything is in order in " + std::to_string(odd_) + of_all + "(the first is " + first_odd_ +
                    "); data.events.strict refuses such files");
    }
    if (empty_ > 0) {
      all.push_back(std::to_string(empty_) + of_all + "have no events, the first is " + first_empty_);
    }
    return all;
  }

 private:
  std::size_t files_ = 0, odd_ = 0, empty_ = 0;
  std::string first_odd_, first_empty_;
};

/// The events of files and of their parts; a file whose parts follow one another is read once.
class recording_parts {
 public:
  explicit recording_parts(const event_read_options& options) : options_(options) {}

  event_buffer part(const labelled_file& file) {
    if (path_ != file.path) {
      recording_ = read_events(file.path, options_);
      path_ = file.path;
      said_ = false;
    }
    if (file.slice.everything()) {
      path_.clear();
      return std::move(recording_.events);
    }
    return cut(file.slice);
  }

  /// What was found in the file, once for all of its parts; behind `part`, whose number of events it has.
  event_report report_of(const labelled_file& file) {
    if (file.slice.everything()) {
      return recording_.report;
    }
    event_report report;
    if (!std::exchange(said_, true)) {
      report = recording_.report;
    }
    report.events = cut_;
    return report;
  }

 private:
  event_buffer cut(const time_slice& slice) {
    event_buffer part;
    auto* to = part.room(recording_.events.size());
    for (const auto& e : recording_.events) {
      if (e.t >= slice.begin && e.t < slice.end) {
        *to = e;
        to++->t -= slice.begin;
      }
    }
    cut_ = static_cast<std::size_t>(to - part.data());
    part.added(cut_);
    return part;
  }

  event_read_options options_;
  std::string path_;
  event_recording recording_;
  std::size_t cut_ = 0;
  bool said_ = false;
};

void add_sample(dataset& data, const stepped_events& sample) {
  auto& all = data.inputs.spikes;
  const auto before = all.channels.size();
  all.channels.insert(all.channels.end(), sample.rows.channels.begin(), sample.rows.channels.end());
  all.values.insert(all.values.end(), sample.rows.values.begin(), sample.rows.values.end());
  for (std::size_t r = 1; r < sample.rows.row_offsets.size(); ++r) {
    all.row_offsets.push_back(before + sample.rows.row_offsets[r]);
  }
  data.inputs.end_sample();
  data.merged_events += sample.counts.merged;
}

/// Looked at after 1, 2, 4, 8, ... of `total` samples, so that a set that will not fit is refused early.
void require_memory(const dataset& data, std::size_t total) {
  const auto done = data.size();
  if (done > 0 && std::has_single_bit(done)) {
    const auto needed = bytes_of(data) / done * total, free = available_memory();
    if (needed > free) {
      throw resource_error(
          "load " + data.name, needed, free,
          "larger data.bin_ms or data.events.down, a shorter data.duration_ms or fewer recordings need "
          "less");
    }
  }
}

event_region region_of(const std::vector<std::uint32_t>& crop) {
  if (!crop.empty() && crop.size() != 4) {
    throw value_error("load", "data.events.crop", std::to_string(crop.size()) + " numbers",
                      "4: x, y, width and height, or none");
  }
  return crop.empty() ? event_region{} : event_region{crop[0], crop[1], crop[2], crop[3]};
}

event_read_options read_options_of(const event_data_spec& spec) {
  event_read_options read;
  read.format = spec.format;
  read.sensor = {spec.width, spec.height};
  read.strict = spec.strict;
  read.columns = spec.columns;
  read.time_scale = spec.time_scale;
  return read;
}

sensor_size known_sensor(const event_read_options& read, std::span<const labelled_file> files,
                         const sensor_size& usual) {
  if ((read.sensor.width > 0) != (read.sensor.height > 0)) {
    throw value_error("load", "data.events.width, height",
                      std::to_string(read.sensor.width) + ", " + std::to_string(read.sensor.height),
                      "both, or both 0: as the files say");
  }
  if (read.sensor.known() || usual.known() || files.empty()) {
    return read.sensor.known() ? read.sensor : usual;
  }
  const auto of_file = event_reader(files.front().path, read).file().sensor;
  if (!of_file.known()) {
    throw value_error("load " + files.front().path, "data.events.width, height", "0, 0",
                      "the width and height of the sensor, which this file does not say");
  }
  return of_file;
}

event_step_options step_options_of(const data_spec& spec, const sensor_size& sensor) {
  const auto& from = spec.events;
  event_step_options steps;
  steps.sensor = sensor;
  steps.crop = region_of(from.crop);
  steps.down = from.down;
  steps.polarity = from.polarity;
  steps.from_first = from.from_first;
  steps.duplicates = spec.duplicates;
  steps.bin_us = from.step_by == step_rule::number ? 0 : in_us(spec.bin_ms);
  steps.events_per_step = from.step_by == step_rule::time ? 0 : from.events_per_step;
  if (from.step_by != step_rule::time && from.events_per_step == 0) {
    throw value_error("load", "data.events.events_per_step", "0",
                      "1 or more with step_by = \"" + std::string(name_of(from.step_by)) + "\"");
  }
  if (from.step_by == step_rule::time && from.events_per_step > 0) {
    throw value_error("load", "data.events.events_per_step", std::to_string(from.events_per_step),
                      "0 with step_by = \"time\"; or step_by = \"number\" or \"both\"");
  }
  constexpr double nearly = 1e-9;  // 0.3 / 0.1 is 3 steps
  steps.steps = static_cast<std::uint64_t>(std::ceil(spec.duration_ms / spec.bin_ms - nearly));
  return steps;
}

}  // namespace

event_preparation preparation_of(const data_spec& spec, std::span<const labelled_file> files,
                                 const sensor_size& usual) {
  event_preparation how;
  how.read = read_options_of(spec.events);
  how.read.sensor = known_sensor(how.read, files, usual);
  how.hot_pixel_rate = spec.events.hot_pixel_rate;
  how.refractory_us = in_us(spec.events.refractory_ms);
  how.denoise_us = in_us(spec.events.denoise_ms);
  how.steps = step_options_of(spec, how.read.sensor);
  how.dt = spec.bin_ms;
  return how;
}

event_buffer filtered(event_buffer all, const event_preparation& how) {
  const auto& sensor = how.read.sensor;
  if (how.hot_pixel_rate > 0.0) {
    all = std::move(without_hot_pixels(all.events(), sensor, how.hot_pixel_rate).events);
  }
  if (how.refractory_us > 0) {
    all = with_refractory_time(all.events(), sensor, how.refractory_us);
  }
  if (how.denoise_us > 0) {
    all = without_isolated_events(all.events(), sensor, how.denoise_us);
  }
  return all;
}

dataset read_event_samples(const event_listing& listing, const event_preparation& how, const load_progress& progress,
                           const event_keeper& keep) {
  dataset data;
  data.class_names = listing.class_names;
  data.dt = how.dt;
  oddity_list odd;
  recording_parts parts(how.read);
  for (const auto& file : listing.files) {
    auto part = parts.part(file);
    if (how.read.strict && part.empty()) {
      throw format_error(file.path, "", "has no events (accepted with data.events.strict: at least one)");
    }
    const auto events = filtered(std::move(part), how);
    const auto sample = events_to_steps(events.events(), how.steps);
    if (keep) {
      keep(events.events());
    }
    odd.add(file.path, parts.report_of(file), sample.counts.before);
    data.channels = sample.channels();
    data.shape = {sample.polarities, sample.height, sample.width};
    add_sample(data, sample);
    data.labels.push_back(file.label);
    require_memory(data, listing.files.size());
    if (progress) {
      progress("reading recordings", data.size(), listing.files.size());
    }
  }
  data.notes = listing.notes;
  for (auto& note : odd.notes()) {
    data.notes.push_back(std::move(note));
  }
  return data;
}

dataset read_event_files(const event_listing& listing, const event_read_options& read,
                         const event_step_options& steps) {
  event_preparation how;
  how.read = read;
  how.read.sensor = steps.sensor;
  how.steps = steps;
  how.dt = steps.bin_us > 0 ? static_cast<double>(steps.bin_us) / us_in_ms : 1.0;
  return read_event_samples(listing, how);
}

}  // namespace backspike
