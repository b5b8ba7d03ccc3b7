#pragma once
// The list of cells. A new cell is a header of its own and one entry here.

#include <backspike/cell/cuba_lif.hpp>
#include <backspike/cell/leaky_integrator.hpp>
#include <backspike/cell/lif.hpp>

#include <cstddef>
#include <tuple>

namespace backspike {

using cell_list = std::tuple<lif, cuba_lif, leaky_integrator>;

inline constexpr std::size_t cell_count = std::tuple_size_v<cell_list>;

}  // namespace backspike
