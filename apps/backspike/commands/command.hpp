#pragma once
// Each command adds itself to the parser, in a file of its own, and leaves what to do if the user picks it.

#include <CLI/CLI.hpp>

#include <functional>

namespace backspike::app {

/// What the chosen command does; returns the exit code.
using action = std::function<int()>;

void add_train(CLI::App& program, action& chosen);
void add_evaluate(CLI::App& program, action& chosen);
void add_predict(CLI::App& program, action& chosen);
void add_inspect(CLI::App& program, action& chosen);
void add_encode(CLI::App& program, action& chosen);
void add_compare_gradients(CLI::App& program, action& chosen);
void add_mismatch(CLI::App& program, action& chosen);
void add_deploy(CLI::App& program, action& chosen);
void add_sensitivity(CLI::App& program, action& chosen);
void add_sweep(CLI::App& program, action& chosen);
void add_events(CLI::App& program, action& chosen);
void add_export(CLI::App& program, action& chosen);
void add_schema(CLI::App& program, action& chosen);

}  // namespace backspike::app
