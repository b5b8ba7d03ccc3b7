#pragma once
// What the generated tasks share: Poisson spikes of a step, and a rate in Hz as a probability.

#include <backspike/core/events.hpp>
#include <backspike/core/random.hpp>

#include <cstdint>

namespace backspike {

/// Adds the channels of [first, last) that spike in this step, each with this probability. Draws a number for every
/// channel, so that a spike never depends on another one.
void append_poisson(std::uint32_t first, std::uint32_t last, double probability, random_stream& random, events& to);

/// A rate [Hz] as a probability in a step of 1 ms; throws value_error unless it is one.
double step_probability(const char* operation, const char* setting, double rate);

}  // namespace backspike
