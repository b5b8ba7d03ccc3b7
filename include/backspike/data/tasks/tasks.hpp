#pragma once
// Tasks of the e-prop paper (Bellec et al. 2020, Nature Communications 11, 3625), generated from a seed. A step is 1
// ms.
//
// Pattern generation: one input that never changes, and curves to follow,
//
//   target_k(t) = g_k(t) / max_t |g_k(t)|,  g_k(t) = f_k(t) - f_k(0),
//   f_k(t) = sum_j a_kj sin(phi_kj + 2 pi n_j t / (steps - 1)),  n = 1, 2, 3, 5 periods in the whole pattern (1, 2, 3
//            and 5 Hz where it lasts 1 s), a uniform in [0.5, 2), phi in [0, 2 pi)
//
// Input neuron i belongs to the group i * groups / inputs; group g fires in the steps of the g-th of `groups` equal
// parts, each of its neurons with the probability rate * 1 ms in every step.
//
// Evidence accumulation: `cues` cues come from the left or the right, then silence, then a recall cue, in which the
// network has to say which side had more. Four groups of input neurons, in this order: left, right, recall, noise.
// A trial favours one side at random; every cue comes from it with the probability `bias`. The label is the side with
// more cues (0 left, 1 right); only the steps of the recall cue weigh in the loss.

#include <backspike/data/dataset.hpp>
#include <backspike/data/tasks/task_spec.hpp>

#include <cstdint>

namespace backspike {

/// One sample. Throws value_error naming the setting: no step, input or group, more groups than inputs or steps, fewer
/// than 2 steps, a probability above 1.
dataset make_pattern(const pattern_spec& spec, std::uint64_t seed);

/// Trials first_trial to first_trial + trials of the endless list that `seed` stands for. Throws value_error naming the
/// setting: an even number of cues (they could tie), a length or group of 0, a probability above 1.
dataset make_evidence(const evidence_spec& spec, std::uint64_t seed, std::uint64_t first_trial, std::uint32_t trials);

}  // namespace backspike
