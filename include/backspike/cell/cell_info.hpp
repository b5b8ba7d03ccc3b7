#pragma once
// What is known about a cell at run time, read off its one declaration.

#include <backspike/cell/cell_ops.hpp>
#include <backspike/core/field.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace backspike {

struct cell_functions;

struct cell_info {
  std::string_view name;
  std::string_view meaning;           // one line for help texts
  bool spiking;                       // emits spikes; otherwise its output is a trace
  std::span<const field> parameters;  // in the order of its parameters struct
  std::span<const std::string_view> states;
  std::span<const receptor> receptors;  // none: one input without a name
  std::size_t constants;                // numbers per neuron that a step reads
  const cell_ops<double>* exact;
  const cell_ops<perturbed>* directional;
  std::size_t index;              // in the cell list; not used if the cell brings kernels of its own
  const cell_functions* kernels;  // of a registered cell; null: those of the library for the processor at hand
  const cell_info* refractory;    // the cell with a refractory period; null: an analog one, or it is that

  /// Sums that a neuron receives.
  std::size_t inputs() const { return receptors.empty() ? 1 : receptors.size(); }

  /// Columns of the Jacobian of a step: states, inputs and constants.
  std::size_t columns(bool with_constants = true) const {
    return states.size() + inputs() + (with_constants ? constants : 0);
  }

  /// The state that the threshold of a spiking cell sees.
  std::size_t membrane() const { return states.size() - 1; }

  /// The cell's mathematics on S: double or perturbed.
  template <class S>
  const cell_ops<S>& ops() const {
    if constexpr (std::is_same_v<S, double>) {
      return *exact;
    } else {
      static_assert(std::is_same_v<S, perturbed>, "a cell runs on double or perturbed");
      return *directional;
    }
  }
};

namespace detail {
template <class Cell>
constexpr std::span<const receptor> declared_receptors() {
  if constexpr (has_receptors<Cell>) {
    return Cell::receptors;
  } else {
    return {};
  }
}
}  // namespace detail

/// What the declaration of a cell says.
template <class Cell>
constexpr cell_info describe_cell(std::size_t index, const cell_functions* kernels,
                                  const cell_info* refractory = nullptr) {
  return {Cell::name,
          Cell::meaning,
          Cell::spiking,
          Cell::fields,
          Cell::states,
          detail::declared_receptors<Cell>(),
          constant_count<Cell>,
          &ops_of_cell<Cell, double>,
          &ops_of_cell<Cell, perturbed>,
          index,
          kernels,
          refractory};
}

/// Every cell of the library, in a fixed order.
std::span<const cell_info> known_cells();

/// A cell of the library or a registered one (cell/register_cell.hpp). Throws value_error that lists the names.
const cell_info& find_cell(std::string_view name);

}  // namespace backspike
