// `backspike schema`: every key of an experiment file, as text or JSON.

#include <backspike/experiment/experiment.hpp>

#include "commands/command.hpp"
#include "output.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace backspike::app {

void add_schema(CLI::App& program, action& chosen) {
  auto* command = program.add_subcommand("schema", "Print every key of an experiment with unit, default and range");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "For programs");
  command->footer(
      "Examples:\n"
      "  backspike schema\n"
      "  backspike schema | grep optimiser");
  command->callback([&chosen, json] {
    chosen = [json] {
      print("{}", lines{*json ? schema_json() + "\n" : schema_text()});
      return 0;
    };
  });
}

}  // namespace backspike::app
