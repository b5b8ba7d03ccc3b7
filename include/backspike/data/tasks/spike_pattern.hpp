#pragma once
// A raster of spikes to write from frozen noise. A step is 1 ms.
//
// Input: Poisson spikes, drawn once from the seed. A sample is a repeat of them with noise of its own,
//
//   each spike is lost with the probability `deletion`, otherwise it comes at t + round(input_jitter * N(0, 1)), which
//   may be outside the sample; each neuron spikes besides with the probability extra_rate * 1 ms in every step
//
// (a neuron spikes once in a step at most), and the target is the same for all samples:
//
//   random   `spikes` of them, equally many of every neuron as far as whole numbers allow, at times that are uniform
//            under the condition that two of a neuron are at least `distance` apart and none is before `onset`
//   picture  rows of the picture are neurons, from the top down to neuron 0, its columns fill the steps from `onset` to
//            the end; each neuron sums darkness / distance over the steps, from 1/2 on, and spikes each time that the
//            sum is 1, which it subtracts: in black every `distance` steps, in grey more rarely

#include <backspike/data/dataset.hpp>
#include <backspike/data/picture.hpp>
#include <backspike/data/tasks/spike_pattern_spec.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace backspike {

/// The target, [steps][outputs] with 1 where a neuron is to spike. Throws value_error naming the setting: no step,
/// input, output or spike, an onset that leaves no step, spikes that have no room `distance` apart, noise that is
/// negative, a probability above 1.
std::vector<float> random_raster(const spike_pattern_spec& spec, std::uint64_t seed);

/// The same for a picture. Throws value_error, too, if it is so bright that there is no spike.
std::vector<float> raster_of(const picture& drawn, const spike_pattern_spec& spec);

/// Samples first to first + samples of the endless list that `seed` stands for. Throws value_error as random_raster
/// does.
dataset make_spike_pattern(const spike_pattern_spec& spec, std::span<const float> raster, std::uint64_t seed,
                           std::uint64_t first, std::uint32_t samples);

}  // namespace backspike
