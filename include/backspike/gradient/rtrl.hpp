#pragma once
// Real-time recurrent learning: the exact gradient, forward in time (Williams & Zipser 1989). With every neuron's
// states and output goes their derivative with respect to every parameter, the influence matrix, advanced step by step
// by the cell's own Jacobian:
//
//   d I_j / d theta      = sum_i w_ij d z_i(t - delay) / d theta + (what theta does to I_j directly)
//   d state_j / d theta  = A_j d state_j(t - 1) / d theta + b_j d I_j / d theta + C_j d constants_j / d theta
//
// Its gradient is that of backpropagation through time, in both spike modes and with detached or attached resets; its
// memory does not depend on the number of steps. The price is memory of parameters x states and, with recurrence, time
// of parameters x weights a step: it is for small networks.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>

#include <cstdint>

namespace backspike {

struct rtrl_options {
  bool all_parameters = false;  // also those that are not learned; the gradient of the others stays zero
  /// Leaves out what a neuron does to other neurons and to itself over connections with a delay: what remains of the
  /// influence is each neuron's own part, the one that e-prop computes.
  bool cut_between_neurons = false;
  std::uint64_t memory_budget = 0;  // [bytes] 0: what the machine gives this process
};

/// What a network is told that has delays, which rtrl refuses with value_error.
inline constexpr const char* no_delays_in_rtrl =
    "0: the influence of a spike in flight on every later state is not followed; bptt takes delays";

/// Bytes that the influence matrices of one sample take.
std::uint64_t rtrl_bytes(const network& net, const rtrl_options& options = {});

/// As dense_gradient, in two passes over a sample where a loss counts its spikes: overwrites `gradient` with the
/// gradient of the mean loss. Throws resource_error if one sample does not fit the budget.
dense_result<double> rtrl_gradient(const network& net, const objective_spec& objective, const arena<double>& parameters,
                                   batch_view batch, spike_mode mode, arena<double>* gradient,
                                   const rtrl_options& options = {});

/// As engine::gradient, computed in double: samples run on any worker, their gradients are added in the order of the
/// batch, so the result has the same bits at any thread count. Throws resource_error if a sample for each worker does
/// not fit the budget, numeric_error if the loss is not finite.
batch_result rtrl_gradient(const network& net, const objective_spec& objective, const arena<float>& parameters,
                           batch_view batch, arena<float>& gradient, thread_pool& pool,
                           const rtrl_options& options = {});

}  // namespace backspike
