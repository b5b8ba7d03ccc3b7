#pragma once
// Options of the commands that read event files.

#include <backspike/events/event_reader.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace backspike::app {

struct read_flags {
  std::string from, slice, size, layout, columns, time_unit;
  bool strict = false, clamp = false, keep_outside = false, invert = false, mirror_x = false, mirror_y = false;
  bool swapped_halves = false;

  void add_to(CLI::App& command);
  event_read_options options() const;
};

}  // namespace backspike::app
