#pragma once
// Ways to take steps, for a group of samples at a time.

#include "robustness/values/value_climb.hpp"

namespace backspike {

/// Of the values that a step in l1 moves, over all of them.
inline constexpr double sparse_share = 0.05;

/// options.steps steps of one size from where the samples are.
void take_steps(value_climb& climb, const attack_options& options);

/// Every restart: options.steps steps of one size, which defaults to 2.5 budgets over the steps.
void steps_of_one_size(value_climb& climb, const attack_options& options);

}  // namespace backspike
