#pragma once
// Commands that attack networks.

#include "commands/command.hpp"

namespace backspike::app {

void add_attack(CLI::App& program, action& chosen);

}  // namespace backspike::app
