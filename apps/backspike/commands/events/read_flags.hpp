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

  double timeout_s = live_events{}.timeout_s;

  void add_to(CLI::App& command);
  event_read_options options() const;
  /// A file, or what comes from standard input (-), a named pipe or a port (udp:PORT).
  event_reader open(const std::string& path) const;
};

}  // namespace backspike::app
