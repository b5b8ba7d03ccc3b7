#pragma once
// The recorded step of any cell of the library.

#include "deploy/expression/expression.hpp"

#include <backspike/network/network.hpp>

namespace backspike::deploy {

/// One step of the neurons of a population with hard spikes. Throws value_error naming a cell that a program has
/// registered: its step is compiled there, and not in this library.
cell_step step_of(const population& p);

}  // namespace backspike::deploy
