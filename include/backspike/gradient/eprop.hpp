#pragma once
// Eligibility propagation (Bellec et al. 2020, "A solution to the learning dilemma for recurrent networks of spiking
// neurons", Nature Communications 11:3625): a gradient computed forward in time from what each synapse knows, and an
// error broadcast to every neuron. For any cell, from its own Jacobian:
//
//   A = d state / d state',  b = d state / d I,  o = d z / d state',  p = d z / d I       (state': before the step)
//   eps_ji^t = A_j eps_ji^{t-1} + b_j x_i^t        eligibility vector; x: what arrives from i at t, 1 for a bias
//   e_ji^t   = o_j . eps_ji^{t-1} + p_j x_i^t      eligibility trace (eq. 4)
//   L_j^t    = sum_k B_jk E_k^t                    learning signal; E_k = dL / dy_k at step t
//   dL/dw_ji = sum_t L_j^t F_kappa(e_ji)^t + r_j^t e_ji^t      F_kappa: the readout's own low pass (eq. 23, 28)
//
// With delays, x is what arrives at the synapse: x_ji^t = sum_b k_ji(b) z_i^{t - b}. Delays themselves stand still.
// r_j = price of a spike + coefficient (rate_j - target) of the rate regularisation. A cell's constants have
// eligibilities of their own, from which follow the gradients of its learned parameters. The readout learns by its own
// traces and error. Memory follows the number of parameters, work per step too, neither the number of steps.
//
// That is the forward form, this file's. Where a batch is at hand the same sum is taken backwards, by the engine
// (engine::gradient with feedback): sum_t L_j^t F_kappa(e_ji)^t = sum_s e_ji^s K_j^s, K_j^s = L_j^s + kappa K_j^{s+1},
// which is backpropagation with the ways between neurons cut and the error K broadcast to the outputs of j. Its work
// follows the events, its memory the steps. The two agree to rounding.
//
// E-prop is exact where no neuron reaches the readout but through its own spikes: one hidden layer without recurrence,
// symmetric feedback; with recurrence it is RTRL without the influence between neurons.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/gradient/dense.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/rule_spec.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace backspike {

/// Holds a hidden layer near a rate: adds coefficient / 2 * sum_j (rate_j - target)^2 to the loss, rates in spikes per
/// step, each neuron's a running mean.
struct layer_rate {
  std::string layer;
  double target = 10.0;  // [Hz]
  double coefficient = 0.0;
  bool operator==(const layer_rate&) const = default;
};

/// symmetric  B is the transposed readout weights; behind further layers the product of the weights on the way
/// random     fixed normal numbers, as large as the readout's weights were at the start
/// adaptive   starts like random and comes closer to symmetric with every update (decay): B^n - S^n = (1 - decay)^n
///            (B^0 - S^0). Where readout and feedback follow the same updates and decay at the same rate, as in the
///            paper, their difference obeys this law.
struct eprop_options {
  feedback_kind feedback = feedback_kind::symmetric;
  std::uint64_t seed = 1;           // of the random feedback
  double feedback_decay = 1e-3;     // adaptive: for each update, in [0, 1]
  std::vector<layer_rate> rates{};  // empty: no rate regularisation
  double rate_window = 1000.0;      // [ms] over which the running mean forgets
  bool operator==(const eprop_options&) const = default;
};

/// The options that the settings of a run stand for.
eprop_options eprop_options_of(const rule_spec& rule, const network& net, std::uint64_t seed);

/// Throws value_error that names what e-prop has no trace for, why, and the nearest rule that takes it: an analog
/// readout other than leaky_integrator, a readout whose time constant differs between neurons, a delay into the
/// readout, a cell of more than 8 states; an option out of range.
void check_eprop(const network& net, const eprop_options& options);

/// The matrices B of a training run. They are part of its state: random numbers drawn once, and how far adaptive
/// feedback has come.
class eprop_feedback {
 public:
  /// The network must outlive it; `initial`: the parameters at the start, for the scale.
  eprop_feedback(const network& net, const eprop_options& options, const arena<float>& initial);
  eprop_feedback(const network& net, const eprop_options& options, const arena<double>& initial);

  /// After an update of the parameters.
  void follow();

  /// B of every population, given the weights as they are now: [outputs][width], padding zero; empty where no error is
  /// broadcast to, at an output that leads to no other. `products` is memory that the caller keeps, so that a second
  /// call allocates nothing.
  template <class S>
  void write(const arena<S>& parameters, std::vector<std::vector<double>>& products,
             std::vector<aligned_vector<S>>& to) const;

  /// Numbers that a checkpoint has to keep, in a fixed order; empty for symmetric feedback.
  std::vector<double>& offsets() { return offsets_; }
  const std::vector<double>& offsets() const { return offsets_; }

 private:
  template <class S>
  void draw(const arena<S>& initial);
  void keep_ways(const std::vector<bool>& ways, std::span<double> offsets) const;
  const network* net_;
  eprop_options options_;
  std::vector<double> offsets_;     // populations that receive errors one after another: [units][outputs]
  std::vector<std::size_t> first_;  // [populations + 1] where each begins
};

/// Bytes of the traces and the gradient of one sample in flight; there is one for each thread.
std::uint64_t eprop_bytes(const network& net);

/// As dense_gradient, for learned parameters only: those of the others stay zero. Any objective: one that knows its
/// errors only at the end takes a second pass over the sample. The loss is that of the objective, without rate
/// regularisation.
dense_result<double> eprop_gradient(const network& net, const objective_spec& objective,
                                    const arena<double>& parameters, const eprop_options& options,
                                    const eprop_feedback& feedback, batch_view batch, spike_mode mode,
                                    arena<double>* gradient);

/// As engine::gradient: samples run on any worker, their gradients are added in the order of the batch, so the result
/// has the same bits at any thread count and on every instruction set. Throws numeric_error if the loss is not finite.
batch_result eprop_gradient(const network& net, const objective_spec& objective, const arena<float>& parameters,
                            const eprop_options& options, const eprop_feedback& feedback, batch_view batch,
                            arena<float>& gradient, thread_pool& pool);

}  // namespace backspike
