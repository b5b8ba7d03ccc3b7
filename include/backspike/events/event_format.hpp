#pragma once
// The formats of event files; data/event_spec.hpp has their names. src/events/formats.cpp has the list with their
// endings and readers; docs/events.md describes their bytes.

#include <backspike/data/event_spec.hpp>

#include <string>
#include <vector>

namespace backspike {

/// One line of the table of formats.
struct event_format_info {
  event_format format;
  std::string meaning;               // "Prophesee RAW, EVT 3.0"
  std::vector<std::string> endings;  // ".raw"
  std::string origin;                // where its times count from
  bool writable = false;
};

/// Every format, in the order of docs/events.md.
std::vector<event_format_info> event_formats();

}  // namespace backspike
