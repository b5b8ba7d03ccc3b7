#pragma once
// The functions of the exported C program: one for each population and each connection, and the step of all of them.

#include "deploy/c_source/c_text.hpp"
#include "deploy/fixed/fixed_program.hpp"
#include "deploy/program/program.hpp"

#include <string>

namespace backspike::deploy {

/// What is being written; `fixed` is null for floats.
struct c_program {
  const network_program& net;
  const fixed_program* fixed;
  c_text& text;

  std::string number() const { return fixed == nullptr ? "float" : "int32_t"; }
  std::string zero() const { return fixed == nullptr ? "0.0f" : "0"; }
  /// Sums of stored weights, before their step of the grid.
  index_type sum_type(std::size_t connection) const;
  std::string source_name(std::size_t source) const;
};

/// Rows of spikes that a source sends, and for how long they are kept.
void write_source(const c_program& c, std::size_t source);
/// The index into those rows of `delay` steps before.
std::string kept_row(const c_program& c, std::size_t source, std::size_t delay);

/// add_kN(): what arrives over a connection now; depart_kN(): what sets out on one with delays.
void write_connection(const c_program& c, std::size_t k);
/// step_NAME(): currents, cells, spikes.
void write_population(const c_program& c, std::size_t q);

/// Statements that clear a connection's lines, and that move them one step on; empty where it keeps none.
std::string clear_connection(const c_program& c, std::size_t k);
std::string advance_connection(const c_program& c, std::size_t k);

}  // namespace backspike::deploy
