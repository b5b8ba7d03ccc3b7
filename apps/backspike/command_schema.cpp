#include <backspike/experiment/experiment.hpp>

#include "command.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace backspike::app {

void add_schema(CLI::App& program, action& chosen) {
  auto* command = program.add_subcommand("schema", "Print every key of an experiment with unit, default and range");
  command->footer(
      "Examples:\n"
      "  backspike schema\n"
      "  backspike schema | grep optimiser");
  command->callback([&chosen] {
    chosen = [] {
      fmt::print("{}", schema_text());
      return 0;
    };
  });
}

}  // namespace backspike::app
