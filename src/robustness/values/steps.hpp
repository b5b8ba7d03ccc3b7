#pragma once
// Steps and projections of the values of one sample, in each norm. The range holds the sample itself, so that cutting a
// change to the range makes it smaller.

#include <backspike/core/random.hpp>
#include <backspike/robustness/attack.hpp>

#include <span>

namespace backspike {

/// Values that can be taken.
struct value_range {
  float low = 0.0f, high = 1.0f;
};

/// Moves `now` to the nearest place of the ball of the budget around `before`, then into the range.
void project(attack_norm norm, double budget, value_range range, std::span<const float> before, std::span<float> now);

/// A place of the ball at random: linf: every value moved by the budget, up or down; l2, l1: a random direction of full
/// size.
void move_at_random(attack_norm norm, double budget, value_range range, std::span<const float> before,
                    random_stream& random, std::span<float> now);

/// now += the step of this size that raises a loss of this gradient most. l1: over the values whose gradient is among
/// the largest `share` of those that can still move.
void step_along(attack_norm norm, double size, value_range range, double share, std::span<const float> gradient,
                std::span<float> now);

}  // namespace backspike
