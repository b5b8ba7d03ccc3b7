#pragma once
// The list of cells. A new cell is a header of its own and one entry here.

#include <backspike/cell/adex.hpp>
#include <backspike/cell/adlif.hpp>
#include <backspike/cell/alif.hpp>
#include <backspike/cell/cuba_lif.hpp>
#include <backspike/cell/double_exponential.hpp>
#include <backspike/cell/integrate_and_fire.hpp>
#include <backspike/cell/leaky_integrator.hpp>
#include <backspike/cell/lif.hpp>
#include <backspike/cell/receptors/conductance_lif.hpp>
#include <backspike/cell/receptors/multisynapse_lif.hpp>
#include <backspike/cell/refractory.hpp>
#include <backspike/cell/resonate_and_fire.hpp>
#include <backspike/cell/tsodyks_markram.hpp>

#include <cstddef>
#include <tuple>

namespace backspike {

using cell_list = std::tuple<lif, cuba_lif, integrate_and_fire, alif, adlif, resonate_and_fire, adex, multisynapse_lif,
                             conductance_lif, leaky_integrator, double_exponential, tsodyks_markram>;

inline constexpr std::size_t cell_count = std::tuple_size_v<cell_list>;

/// The cell with a refractory period, if it spikes.
template <class Cell>
using refractory_or_same = std::conditional_t<Cell::spiking, refractory<Cell>, Cell>;

}  // namespace backspike
