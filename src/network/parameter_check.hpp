#pragma once
// What a cell parameter's specification must fulfil; the network and the experiment file refuse with the same words.

#include <backspike/network/network_spec.hpp>

#include <optional>
#include <string>

namespace backspike {

struct parameter_problem {
  std::string key;              // of cell_parameter_spec
  std::optional<double> value;  // what it has; absent for `per`, which then is "layer"
  std::string accepted;
};

/// The specification with the field's range where it gives none.
cell_parameter_spec with_range(cell_parameter_spec spec, const field& f);

/// The first thing that is wrong with a specification that has its range.
std::optional<parameter_problem> find_problem(const cell_parameter_spec& spec, const field& f);

}  // namespace backspike
