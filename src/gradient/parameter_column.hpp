#pragma once
// Which column of a cell parameter a neuron reads: the one place that knows how parameters are shared.

#include <backspike/core/arena.hpp>

namespace backspike {

inline std::size_t parameter_column(const parameter_info& p, std::size_t neuron) { return p.cols == 1 ? 0 : neuron; }

}  // namespace backspike
