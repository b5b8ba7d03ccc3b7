#pragma once
// How many spikes an attack has changed, measured on what it proposes.

#include <backspike/core/events.hpp>

#include <cstdint>

namespace backspike {

/// Bins of a sample that differ, in the window of so many steps in which most do; 0 steps: the whole sample.
std::size_t most_changed(const ragged_events& before, const ragged_events& after, std::size_t sample,
                         std::uint32_t window);

}  // namespace backspike
