#pragma once
// The commands under `backspike events`.

#include "commands/command.hpp"

namespace backspike::app {

void add_events_info(CLI::App& events, action& chosen);
void add_events_convert(CLI::App& events, action& chosen);
void add_events_view(CLI::App& events, action& chosen);
void add_events_simulate(CLI::App& events, action& chosen);

}  // namespace backspike::app
