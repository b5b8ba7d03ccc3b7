#pragma once
// The grid of a connection's weights: which steps it has, and what is stored for each weight.

#include "deploy/fixed/fixed_program.hpp"

namespace backspike::deploy {

/// `place`: of the connection, for errors.
fixed_connection on_grid(const network_program& net, const connection_program& c, const fixed_point_spec& spec);

}  // namespace backspike::deploy
