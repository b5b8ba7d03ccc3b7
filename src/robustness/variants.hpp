#pragma once
// The same network with other surrogates or resets: what its gradient is asked of.

#include <backspike/network/network_spec.hpp>

namespace backspike {

/// With surrogates so many times as wide; the hard network is the same.
network_spec with_width(network_spec spec, double factor);

/// With a gradient that is the derivative of what it computes: a detached reset leaves a path out of it.
network_spec relaxed(network_spec spec);

}  // namespace backspike
