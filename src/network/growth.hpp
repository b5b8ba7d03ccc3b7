#pragma once
// Whether the membrane of a cell stays bounded when it is left alone: explicit steps of two coupled variables do so for
// a part of their parameters only, and which part depends on the width of the step.

#include <backspike/cell/cell_info.hpp>

#include <span>

namespace backspike {

/// Rounding and resonances at the border let a membrane that only turns look like one that grows by this much.
inline constexpr double most_growth = 1.0 + 1e-6;

/// By how much the state of the cell grows in a step, in the long run, without input or spikes: the spectral radius of
/// its Jacobian, at rest or far below threshold, whichever is less. (A cell may well leave its rest to fire, if nothing
/// grows where no threshold stops it; one that is quiet at rest may do as it likes elsewhere.)
double growth_per_step(const cell_info& cell, std::span<const double> parameters, double dt);

}  // namespace backspike
