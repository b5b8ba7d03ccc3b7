#pragma once
// How recordings of event cameras become samples: filters, channels and steps, and how training changes them.

#include <backspike/data/event_spec.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike {

/// time: a step lasts data.bin_ms; number: it has so many events, whenever they come; both: a step in time with more
/// events is cut into several.
enum class step_rule { time, number, both };
template <>
inline constexpr auto enum_names<step_rule> = std::to_array<enum_name<step_rule>>({
    {step_rule::time, "time"},
    {step_rule::number, "number"},
    {step_rule::both, "both"},
});

/// The width of a step, the length of a sample and what becomes of several events at once are data.bin_ms,
/// data.duration_ms and data.duplicates.
struct event_data_spec {
  event_format format = event_format::automatic;
  std::uint32_t width = 0, height = 0;  // [pixels] of the sensor; 0: as the files or the source say
  std::string train_list, test_list;    // texts in the folder, a number of a file and a class on each line
  bool strict = false;                  // anything odd in a file is an error
  std::string columns;                  // CSV and plain arrays without names
  double time_scale = 0.0;              // CSV and arrays: microseconds in a unit of time; 0: 1
  // Filters, in this order; 0: none.
  double hot_pixel_rate = 0.0;      // [Hz] pixels above it are left out
  double refractory_ms = 0.0;       // [ms] a pixel is silent for so long after an event
  double denoise_ms = 0.0;          // [ms] an event stays if one of its 8 neighbours spoke so shortly before
  std::vector<std::uint32_t> crop;  // [pixels] x, y, width, height; empty: everything
  std::uint32_t down = 1;           // blocks of so many pixels in each direction become one
  polarity_channels polarity = polarity_channels::both;
  step_rule step_by = step_rule::time;
  std::uint32_t events_per_step = 0;  // number, both
  bool from_first = false;            // the first step begins with the first event, not at time 0
  bool operator==(const event_data_spec&) const = default;
};

/// What training does to every recording, drawn anew in each epoch. 0: not.
struct event_augment_spec {
  double shift = 0.0;        // [pixels] largest, in each direction
  double flip = 0.0;         // probability that left and right change places
  double rotation = 0.0;     // [degrees] largest, around the centre
  double scale = 0.0;        // largest change of size, as a share
  double speed = 0.0;        // largest change of speed, as a share
  double time_jitter = 0.0;  // [ms] standard deviation by which each event is moved
  double drop = 0.0;         // largest share of the events that is lost
  double drop_time = 0.0;    // largest share of the time in which all events are lost, in one piece
  double drop_area = 0.0;    // largest share of the sensor where all events are lost, a rectangle
  double noise = 0.0;        // [Hz] largest rate of noise of a pixel
  double mix = 0.0;          // probability that a rectangle shows another recording of the class
  bool operator==(const event_augment_spec&) const = default;
};

}  // namespace backspike
