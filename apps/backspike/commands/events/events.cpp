// `backspike events`: what is in the files of event cameras, and other files from them.

#include "commands/events/events.hpp"

#include <backspike/events/event_format.hpp>

#include <string>

namespace backspike::app {
namespace {

std::string format_table() {
  std::string text = "Formats:\n";
  for (const auto& f : event_formats()) {
    auto name = std::string(name_of(f.format));
    name.resize(8, ' ');
    text += "  " + name + f.meaning + (f.writable ? "; also written" : "") + "\n";
  }
  return text;
}

}  // namespace

void add_events(CLI::App& program, action& chosen) {
  auto* events =
      program.add_subcommand("events", "Look into files of event cameras, convert them, play them, simulate a camera");
  events->require_subcommand(1);
  events->footer(format_table() +
                 "Examples:\n"
                 "  backspike events info recording.raw\n"
                 "  backspike events convert recording.raw recording.npz --slice 0ms:300ms\n"
                 "  backspike events view recording.raw -o recording.html\n"
                 "  backspike events simulate picture.pgm recording.raw\n"
                 "  backspike events info --help                            options and examples of one of them");
  add_events_info(*events, chosen);
  add_events_convert(*events, chosen);
  add_events_view(*events, chosen);
  add_events_simulate(*events, chosen);
}

}  // namespace backspike::app
