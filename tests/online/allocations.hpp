#pragma once
// How often memory was allocated; a stream must not allocate after its start.

#include <cstddef>

namespace backspike::testing {

/// Calls of operator new in this program so far; allocations.cpp replaces it.
std::size_t allocations();

}  // namespace backspike::testing
