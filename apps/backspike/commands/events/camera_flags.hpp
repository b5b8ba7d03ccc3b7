#pragma once
// Options of the simulated event camera.

#include <backspike/data/event_camera_spec.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace backspike::app {

struct camera_flags {
  event_camera_spec spec;
  std::string size, motion;
  double threshold = 0.0;  // of both polarities; 0: as the specification has them

  void add_to(CLI::App& command);
  event_camera_spec camera() const;
};

}  // namespace backspike::app
