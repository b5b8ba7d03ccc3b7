#pragma once
// Shorter copies of samples: `compare-gradients` asks how gradients change with length.

#include <backspike/data/dataset.hpp>

namespace backspike {

/// The picked samples, each cut to its first `steps` steps, targets in time as well.
dataset first_steps(const dataset& all, std::span<const std::uint32_t> picked, std::size_t steps);

}  // namespace backspike
