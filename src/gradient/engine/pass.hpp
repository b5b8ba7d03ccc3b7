#pragma once
// Forward and backward of one sample. A pass holds what all samples of a batch share: the network, its parameters, the
// cells' constants and the kernels of the processor.

#include "gradient/connection/delayed.hpp"
#include "gradient/connection/delayed_group.hpp"
#include "gradient/connection/patch_table.hpp"
#include "gradient/connection/synapse_table.hpp"
#include "gradient/engine/workspace.hpp"
#include "gradient/gather/gather_plan.hpp"
#include "kernels/kernel_table.hpp"

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/gradient/reach.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/network/network.hpp>
#include <backspike/objective/activity.hpp>
#include <backspike/objective/objective_spec.hpp>

#include <vector>

namespace backspike {

class broadcast;

struct pass {
  const network* net = nullptr;
  const carry_layout* carry = nullptr;
  const objective_spec* objective = nullptr;
  activity_plan activity;              // what the objective asks of the number of spikes
  const broadcast* signals = nullptr;  // e-prop: errors go back by these, and not from neuron to neuron
  reach_plan reach;                    // who reaches the outputs
  const kernels::table* kernels = nullptr;
  const kernels::patch_functions* patch_kernels = nullptr;
  const arena<float>* parameters = nullptr;
  std::vector<aligned_vector<float>> constants;  // [populations]
  std::vector<panels> transposed;                // [connections] weights [target][source]; empty for the input's
  std::vector<synapse_table> tables;             // [connections] that are neither matrices nor patches
  std::vector<patch_table> patches;              // [connections] that are convolutions
  std::vector<panels> forward;                   // [connections] weights [source][target], where the input is dense
  std::vector<delayed_taps> delayed;             // [connections] with delays
  std::vector<aligned_vector<float>> bias;       // [populations] [width] of each neuron, where neurons share them
  aligned_vector<float> zeros;                   // [width of the widest population]
  std::size_t dense_from = 0;                    // events of a step of the input from which on it is dense
  double sample_weight = 1.0;                    // 1 / samples of the batch
  arithmetic_kind arithmetic = rule_spec{}.arithmetic;
  bool carries_gradient = false;  // errors go from a window into the one before
  batch_draws draws;              // enabled if the batch draws and the network has anything to draw

  input_facts input;  // of the batch

  bool rounds() const { return arithmetic == arithmetic_kind::bfloat16; }
  /// Whether dropout acts on what connection k carries.
  bool masks(const connection& k) const { return draws.enabled && k.masked; }
  /// Whether what it carries are rows of its own: others than those of its source.
  bool has_own_rows(const connection& k) const { return k.of_part || masks(k); }
  spike_function spike_of(std::size_t population) const;
  /// What the current of an inlet is before any spike arrives: the bias of its population at the first, or zeros.
  const float* start_of(std::size_t inlet) const;
};

/// Derives constants and packed weights from the parameters. Throws numeric_error if one is not finite.
void prepare_pass(pass& p, const network& net, const objective_spec& objective, const arena<float>& parameters,
                  bool backward, thread_pool& pool);
/// What it asks for, and with `backward` what BPTT does; delays have room of their own (delayed.hpp).
void plan_pass(memory_plan& m, pass& p, const network& net, bool backward);
/// Packs the weights of input connections if steps of these samples are dense enough to be multiplied as a matrix.
void pack_dense_inputs(pass& p, const dataset& data, std::span<const std::uint32_t> samples, thread_pool& pool);
void plan_dense_inputs(memory_plan& m, pass& p, const network& net, const input_facts& input);

/// The draws of the samples in flight, or none where the batch has none, and the memory for them.
void draw_samples(const pass& p, in_flight_batch& c, const segment_plan& plan, thread_pool& pool);

/// The states of sample i before its first step, or as they were before window `j`.
void start_sample(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w);
void resume_sample(const pass& p, in_flight_batch& c, std::size_t i, std::size_t j, worker_scratch& w);
/// Keeps the states that the worker holds as those before window `j`.
void keep_checkpoint(const pass& p, in_flight_batch& c, std::size_t i, std::size_t j, const worker_scratch& w);

/// Adds the input of whole samples to their currents where the weights are too large for any cache; says so in the
/// samples in flight, and forward_window leaves it at that. Whole samples only. tiles: [threads], room for some of the
/// weights.
void add_wide_inputs(const pass& p, in_flight_batch& c, thread_pool& pool, std::span<aligned_vector<float>> tiles);
void plan_wide_tile(memory_plan& m, aligned_vector<float>& tile, const network& net);  // one of them

/// Runs the window of sample i that the samples in flight are at, from the worker's states on; fills its currents,
/// spikes and, with `backward`, trajectories.
void forward_window(const pass& p, in_flight_batch& c, std::size_t i, worker_scratch& w, bool backward);
/// Makes the last step of the window the one before the next.
void move_on(const pass& p, in_flight_batch& c, std::size_t i, const worker_scratch& w);

/// The objective of sample i: begin, read each window once, in order, and finish.
void begin_objective(const pass& p, in_flight_batch& c, std::size_t i);
void read_objective(const pass& p, in_flight_batch& c, std::size_t i, const worker_scratch& w, bool count);
void finish_objective(const pass& p, in_flight_batch& c, std::size_t i);
/// The prices of the spikes of sample i, from how many it has.
void activity_gradient(const pass& p, in_flight_batch& c, std::size_t i);
/// Adds the price of a spike of population q to the error on its outputs of `steps` steps.
void add_prices(const pass& p, const sample_slot& slot, std::size_t q, std::size_t steps, float* error_output);
/// No error on what is read of outputs, nor on what they send, over so many steps.
void clear_errors(const network& net, worker_scratch& w, std::size_t steps);
/// The error on the outputs over the window, from step `loss_begin` on.
void objective_error(const pass& p, in_flight_batch& c, std::size_t i, std::size_t loss_begin, worker_scratch& w);

/// The window of a sample that goes back, with the scratch that its forward run left.
struct backward_item {
  std::size_t sample = 0;
  std::size_t loss_begin = 0;
  worker_scratch* scratch = nullptr;
};

/// Turns the currents of windows into the errors on them. `carries_gradient`: takes the error that the later window
/// left, and leaves its own for the window before. The bits do not depend on which samples go together.
void backward_windows(const pass& p, in_flight_batch& c, std::span<const backward_item> items, delayed_group& group,
                      bool carries_gradient);

/// Adds the weight and bias gradients of a window that has run backward, and, after the last one, the cell parameters'.
void gather_window(const pass& p, const in_flight_batch& c, thread_pool& pool, gather_plan& plan,
                   arena<float>& gradient);
void gather_constants(const pass& p, const in_flight_batch& c, arena<float>& gradient);

/// Throws numeric_error naming the first layer and time step of sample i's window that is not finite, if there is one.
/// It looks at the final states, which costs little: what is not finite once stays so under decay and reset.
void refuse_non_finite(const pass& p, const in_flight_batch& c, std::size_t i, const worker_scratch& w);

/// Throws numeric_error naming the first parameter that is not finite; `what` says what the values are of it.
void refuse_non_finite(const arena<float>& values, const char* what, thread_pool& pool);

}  // namespace backspike
