// The keys of recordings of event cameras: how they become samples, and how training changes them.

#include "experiment/config/keys/data/event_keys.hpp"

namespace backspike::config {

std::vector<key<event_data_spec>> event_keys() {
  using s = event_data_spec;
  return {
      row("format", &s::format, "of the files; auto: by their content, then by their names"),
      row("width", &s::width, "pixels", between(0, 65536), "of the sensor; 0: as the files say, nmnist: 34"),
      row("height", &s::height, "pixels", between(0, 65536), "of the sensor; 0: as the files say, nmnist: 34"),
      row("train_list", &s::train_list,
          "text in the folder with a number of a file and a class on each line; empty: train*.txt if there is one"),
      row("test_list", &s::test_list, "the same of the test set; empty: test*.txt if there is one"),
      row("strict", &s::strict, "anything odd in a file is an error; otherwise it is counted and said"),
      row("columns", &s::columns, "csv, npy: names of the columns where the file has none: t,x,y,p"),
      row("time_scale", &s::time_scale, "us", at_least(0), "csv, npy, npz: length of a unit of time; 0: 1"),
      row("hot_pixel_rate", &s::hot_pixel_rate, "Hz", at_least(0),
          "pixels with more events in a recording are left out; 0: none is"),
      row("refractory_ms", &s::refractory_ms, "ms", at_least(0),
          "a pixel is silent for so long after an event; 0: never"),
      row("denoise_ms", &s::denoise_ms, "ms", at_least(0),
          "an event stays if one of its 8 neighbours had one so shortly before; 0: all stay"),
      row("crop", &s::crop, "pixels", between(0, 65536),
          "[x, y, width, height] of the part to keep; width and height 0: to the edge; []: everything"),
      row("down", &s::down, "pixels", between(1, 65536), "blocks of so many in each direction become one"),
      row("polarity", &s::polarity, "both: OFF and ON are two channels of a pixel; merged: one; on, off: only these"),
      row("step_by", &s::step_by,
          "time: steps of data.bin_ms; number: steps of events_per_step events; both: a step in time with more is cut"),
      row("events_per_step", &s::events_per_step, "events", between(0, 4294967295.0), "number, both: events of a step"),
      row("from_first", &s::from_first, "the first step begins with the first event, not at time 0 of the file"),
  };
}

std::vector<key<event_augment_spec>> augment_keys() {
  using s = event_augment_spec;
  return {
      row("shift", &s::shift, "pixels", between(0, 65536), "largest shift, in each direction"),
      row("flip", &s::flip, "", between(0, 1), "probability that left and right change places"),
      row("rotation", &s::rotation, "degrees", between(0, 180), "largest turn, around the centre"),
      row("scale", &s::scale, "", below(0, 1), "largest change of size, as a share"),
      row("speed", &s::speed, "", below(0, 1), "largest change of speed, as a share"),
      row("time_jitter", &s::time_jitter, "ms", at_least(0), "standard deviation by which each event is moved"),
      row("drop", &s::drop, "", between(0, 1), "largest share of the events that is lost"),
      row("drop_time", &s::drop_time, "", between(0, 1), "largest share of the time without events, in one piece"),
      row("drop_area", &s::drop_area, "", between(0, 1), "largest share of the sensor without events, a rectangle"),
      row("noise", &s::noise, "Hz", at_least(0), "largest rate of further events of a pixel"),
      row("mix", &s::mix, "", between(0, 1), "probability that a rectangle shows another recording of the class"),
  };
}

}  // namespace backspike::config
