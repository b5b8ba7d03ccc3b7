#pragma once
// From recordings to samples of a network: read, filtered, cut into steps.

#include <backspike/data/data_spec.hpp>
#include <backspike/data/dataset.hpp>
#include <backspike/data/load.hpp>
#include <backspike/events/event_folder.hpp>
#include <backspike/events/event_reader.hpp>
#include <backspike/events/event_steps.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace backspike {

/// All that is done to a recording. Filters work in the order of their members, before the steps; 0: not.
struct event_preparation {
  event_read_options read;  // its sensor must be known
  double hot_pixel_rate = 0.0;
  std::int64_t refractory_us = 0, denoise_us = 0;
  event_step_options steps;  // their sensor is that of `read`
  double dt = 1.0;           // [ms] what a step is to the network
};

/// What the tables [data] and [data.events] say. The sensor is known where they or the first of `files` say it, or
/// `usual`, the size that a source is known to have. Throws value_error: nobody says the size; settings that do not fit
/// together; and what the reader throws.
event_preparation preparation_of(const data_spec& spec, std::span<const labelled_file> files,
                                 const sensor_size& usual = {});

/// The events after the filters.
event_buffer filtered(event_buffer all, const event_preparation& how);

using event_keeper = std::function<void(std::span<const camera_event>)>;

/// A sample for each file, in the order of the list, of the shape [polarities, height, width]. What is odd in files is
/// counted in the data's notes; `how.read.strict` refuses it, and a recording without an event, too. Throws what
/// reading throws, and resource_error: the samples take more memory than there is. `keep` gets the filtered events of
/// each.
dataset read_event_samples(const event_listing& listing, const event_preparation& how,
                           const load_progress& progress = {}, const event_keeper& keep = {});

}  // namespace backspike
