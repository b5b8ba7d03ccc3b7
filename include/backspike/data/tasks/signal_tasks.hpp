#pragma once
// Tasks on signals and on the timing of spikes, generated from a seed. A step is 1 ms.
//
// Waveforms: three signals u_k in [-1, 1], each carried by noisy spikes of `neurons` neurons, half of which fire more
// where it is high, half where it is low,
//
//   p_i(t) = rate * 1 ms * (1 +- modulation u_k(t)),   target_k(t) = u_k(t - lag)
//   u_0  two sines of random frequencies up to sines_hz, random amplitudes and phases
//   u_1  a chirp, its frequency going from 0.5 Hz to chirp_hz or back within the sample, from a random phase
//   u_2  noise through two low passes of the corner noise_hz
//
// all three scaled to a largest value of 1 over the sample. Every sample has signals and spikes of its own.
//
// Filters: Poisson spike trains, and what double-exponential filters with hidden rise, decay and amplitude make of them
// (cell/double_exponential.hpp), one filter a train. `dataset::planted` has the hidden values.
//
// Timing: every channel fires exactly once, in the first two thirds of the sample, A = 2/3 steps; then there is
// silence. One half of the channels leads: its spikes are uniform in [0, A - lead), those of the other in [lead, A).
// The label is the half that leads; no count of spikes tells it, and what is seen at the end has to be remembered.

#include <backspike/data/dataset.hpp>
#include <backspike/data/tasks/signal_task_spec.hpp>

#include <cstdint>

namespace backspike {

/// Samples first to first + samples of the endless list that `seed` stands for. Throws value_error naming the setting:
/// no step or neuron, an odd number of neurons, a modulation outside 0 to 1, a probability above 1, a frequency not
/// above 0, steps that are all within `settle`.
dataset make_waveforms(const waveforms_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples);

/// What the targets of make_psp come from: "tau_rise", "tau_decay" and "amplitude", one for each channel.
std::vector<planted_values> make_psp_filters(const psp_spec& spec, std::uint64_t seed);

/// As make_waveforms. Refused: no step or channel, bounds that are not positive or in the wrong order, negative noise.
dataset make_psp(const psp_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples);

/// Sample s is of the class s % 2. Refused: an odd number of channels, a lead that is 0 or as long as A.
dataset make_timing(const timing_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples);

}  // namespace backspike
