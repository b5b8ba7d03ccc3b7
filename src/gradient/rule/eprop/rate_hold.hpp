#pragma once
// The rate regularisation of e-prop, as a step reads it.

#include <backspike/gradient/eprop.hpp>

#include <vector>

namespace backspike {

/// Of one population.
struct rate_hold {
  double coefficient = 0.0, target = 0.0;  // spikes per step
};

/// [populations]; those without a hold have coefficient 0.
std::vector<rate_hold> holds_of(const network& net, const eprop_options& options);

}  // namespace backspike
