#pragma once
// How large a change of values is.

#include <backspike/robustness/attack.hpp>

#include <span>
#include <vector>

namespace backspike {

double size_of_change(attack_norm norm, std::span<const float> before, std::span<const float> after);

/// Of every sample of a proposal that moves values; of graded input those that the network reads.
std::vector<double> sizes_of_changes(const attack_samples& before, const attack_proposal& after, attack_norm norm);

}  // namespace backspike
