#pragma once
// Tasks that take delays, generated from a seed. A step is 1 ms.
//
// Delay recovery: a teacher of leaky integrators hears Poisson input through synapses of random weights and integer
// delays, and its traces are the targets,
//
//   y_n(t) = exp(-1 ms / tau_m) y_n(t-1) + sum_i w_in x_i(t - d_in),  d uniform in 0 ... max_delay, |w| uniform in
//            [0.5, 1.5), its sign random
//
// Coincidence: in a volley every channel fires once, the channels in an order that is the class,
//
//   t_c = start + gap * rank_class(c) + j,  j uniform in 0 ... 2 jitter, one volley at a random start in each of
//         `volleys` equal parts of the sample
//
// so that every channel fires `volleys` times in every sample of every class: nothing but relative timing tells the
// classes apart. Two spikes of a volley are gap - 2 jitter steps or more apart; a cell that forgets within that time
// sees no two together unless delays bring them together.

#include <backspike/data/dataset.hpp>
#include <backspike/data/tasks/delay_task_spec.hpp>

#include <cstdint>
#include <vector>

namespace backspike {

/// What the targets of a delay recovery come from.
struct delay_teacher {
  std::vector<float> weights;         // [inputs, outputs]
  std::vector<std::uint32_t> delays;  // [inputs, outputs], steps
};

/// The teacher that `seed` stands for. Throws value_error as make_delay_recovery does.
delay_teacher make_delay_teacher(const delay_recovery_spec& spec, std::uint64_t seed);

/// Samples first to first + samples of the endless list that `seed` stands for. Throws value_error naming the setting:
/// no step, input or output, a largest delay of `steps` or more, a probability above 1, tau_m not above 0.
dataset make_delay_recovery(const delay_recovery_spec& spec, std::uint64_t seed, std::uint64_t first,
                            std::uint32_t samples);

/// The turn that each channel has in a volley of each class, [classes, channels]; no two classes are the same. Throws
/// value_error as make_coincidence does.
std::vector<std::uint32_t> coincidence_orders(const coincidence_spec& spec, std::uint64_t seed);

/// Samples first to first + samples; sample s is of the class s % classes. Throws value_error naming the setting: fewer
/// than 2 classes, fewer than 2 channels, more classes than orders, no volley, a gap that the jitter bridges, volleys
/// longer than their part of the sample.
dataset make_coincidence(const coincidence_spec& spec, std::uint64_t seed, std::uint64_t first, std::uint32_t samples);

}  // namespace backspike
