#pragma once
// What is known about a cell at run time, read off its one declaration.

#include <backspike/core/field.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace backspike {

struct cell_info {
  std::string_view name;
  std::string_view meaning;           // one line for help texts
  bool spiking;                       // emits spikes; otherwise its output is a trace
  std::span<const field> parameters;  // in the order of its parameters struct
  std::span<const std::string_view> states;
  std::size_t constants;  // numbers per neuron that a step reads
  std::size_t index;      // in the cell list
};

/// Every cell of the library, in a fixed order.
std::span<const cell_info> known_cells();

/// Throws value_error that lists the known names.
const cell_info& find_cell(std::string_view name);

}  // namespace backspike
