#pragma once
// The three files of an exported program.

#include "deploy/c_source/c_network.hpp"
#include "deploy/c_source/c_step.hpp"

#include <backspike/deploy/export_c.hpp>

#include <string>

namespace backspike::deploy {

std::string header_text(const c_program& c, const c_export_options& options);
/// network.c. Fills the tables and functions of `c` on the way.
std::string source_text(const c_program& c, const c_export_options& options);
std::string main_text(const c_program& c);
/// The weights of every connection, one row for each source neuron.
std::string weight_tables(const c_program& c);

}  // namespace backspike::deploy
