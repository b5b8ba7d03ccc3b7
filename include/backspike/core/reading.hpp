#pragma once
// What numbers may reach a network: inputs, targets and weights of steps, from arrays, files and streams alike. They
// are finite, since a NaN leaves dead membranes for ever and no error, and not absurdly large: with readings up to 1e18
// and weights up to 1e16 no current and no squared error overflows single precision.

#include <cstddef>
#include <span>
#include <string>

namespace backspike {

inline constexpr float largest_reading = 1e18f;

bool is_reading(float x);

/// Where the first number is that is no reading; the size, if all are. Costs next to nothing where all are.
std::size_t first_no_reading(std::span<const float> values);

/// What messages say is accepted.
std::string reading_text();

}  // namespace backspike
