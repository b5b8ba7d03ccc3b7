#pragma once
// A policy and a value that a network of spikes learns by a three-factor rule (Bellec et al. 2020, eq. 5; Sutton &
// Barto, section 13.5): every synapse keeps the eligibility traces of e-prop, a second trace of those of past
// decisions, and one number that is broadcast, the error of temporal difference, turns the second into a change.
//
//   delta^t = r^t + gamma V^{t+1} - V^t          terminated: V^{t+1} = 0; truncated: that of the last observation
//   z_ji^t  = gamma lambda z_ji^{t-1} + L_j^t F_kappa(e_ji)^t
//   dw_ji  += delta^t z_ji^t + beta (d H / d w_ji)^t,    L_j^t = sum_k B_jk d(log pi(a^t) + c V)^t / d y_k
//
// The outputs are analog, one population or several one after the other: first what the policy is made of, a logit for
// each choice or a mean and a log of the standard deviation for each number of an action, then the value. A decision
// has a frame of some steps that show the observation, and reads the readout of the last one. Nothing grows with the
// length of an episode.
//
// Beside it, for comparison (online/agent_rule.hpp): advantage actor-critic by backpropagation, which gives each
// decision the advantage A^t = sum_k (gamma lambda)^k delta^{t + k} of the errors before the update, and whose memory
// does grow; and two rules of pairs of spikes for the weights into spiking populations.

#include <backspike/core/arena.hpp>
#include <backspike/core/thread_pool.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/environment/environment.hpp>
#include <backspike/environment/observation_encoder.hpp>
#include <backspike/gradient/eprop.hpp>
#include <backspike/network/network.hpp>
#include <backspike/online/agent_rule.hpp>
#include <backspike/optimise/optimiser_spec.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

struct actor_critic_options {
  eprop_options rule;
  optimiser_spec optimiser;
  observation_spec observation;
  double gamma = 0.98;           // what the future is worth, 0 to 1
  double lambda = 0.9;           // how long a decision is held responsible, 0 to 1
  double value_weight = 0.5;     // c
  double entropy = 0.0;          // beta
  double reward_scale = 1.0;     // what rewards are multiplied by before they are learned from
  double logit_limit = 0.0;      // of what the policy is made of, by limit tanh(y / limit); 0: none
  std::uint32_t frame = 3;       // [steps] of a decision
  std::uint32_t every = 8;       // decisions of each environment between updates
  std::uint64_t seed = 1;        // of actions, dropout and noise
  std::uint64_t total = 100000;  // decisions of all environments that the schedule of the rate is made for
  agent_rule kind = agent_rule::actor_critic;
  bool compare = false;           // gradient_cosine() says how the rule agrees with backpropagation
  std::uint32_t horizon = 0;      // [decisions] before those of an update from which backpropagation runs an episode
                                  // again, from rest; 0: from its start
  double stdp_tau = 20.0;         // [ms] of the traces of stdp and r_stdp
  double stdp_depression = 1.05;  // A, what a pair in the wrong order weighs
};

/// What a policy takes of the readout.
std::size_t policy_outputs(const space& actions);

/// What became of one decision.
struct decision {
  std::vector<double> action;
  double value = 0.0, entropy = 0.0;
};

/// A spike of a population in a step of the frame of a decision.
struct frame_spike {
  std::uint32_t step, population, neuron;
};

class actor_critic {
 public:
  /// Copies `initial`; the network must outlive it. Throws value_error and shape_error for settings that do not fit:
  /// what check_eprop refuses, a readout of another size than policy_outputs() + 1 or that is not analog, an encoder of
  /// other channels than the network has inputs.
  actor_critic(const network& net, const space& observations, const space& actions, const arena<float>& initial,
               const actor_critic_options& options, std::size_t environments, std::size_t threads = 1);
  ~actor_critic();

  std::size_t environments() const;

  /// Environment i, which has begun an episode or told what followed the last decision, shows what it looks like: runs
  /// a frame, learns what the last decision was worth, and decides. Calls for different i may run at once.
  const decision& act(std::size_t i, std::span<const float> observation);
  /// What followed. After the end of an episode the next act() begins another; `last` is what the world looked like at
  /// its end, which only a truncated one needs.
  void follow(std::size_t i, const transition& t, std::span<const float> last);
  /// The episode of environment i is given up, as if it had never gone beyond its last judged decision: the next act()
  /// begins another one. What was learned stays.
  void abandon(std::size_t i);
  /// The sums of all environments move the parameters, once each has made `every` decisions since the last update.
  void update();

  /// Without learning and without a trace of it: an agent that acts with the present parameters.
  class player {
   public:
    explicit player(const actor_critic& of);
    ~player();
    void start();
    /// The best action, or one that is drawn.
    const decision& act(std::span<const float> observation, random_stream* draws = nullptr);
    /// From now on the spikes of the last decision are kept.
    void watch();
    std::span<const frame_spike> spikes() const;
    /// What the policy was made of, and the value, as the last decision read them.
    std::span<const float> readout() const;

   private:
    struct implementation;
    std::unique_ptr<implementation> implementation_;
  };

  const arena<float>& parameters() const;
  const actor_critic_options& options() const;
  std::uint64_t decisions() const;  // of all environments
  std::uint64_t updates() const;
  double mean_td_error() const;  // of the absolute errors before the last update, since the one before it
  /// [populations] spikes of a neuron in a step, over the same time.
  std::span<const double> rates() const;
  double learning_rate() const;  // of the next update
  /// Of the last update, where options compare: between what traces came to and the gradient by backpropagation of the
  /// same errors, (sum of products) / (product of lengths) over learnable parameters. NaN: one of them was zero.
  double gradient_cosine() const;
  thread_pool& pool();

  /// The whole state by name, as online_learner has it.
  std::vector<named_tensor> save() const;
  void restore(std::span<const named_tensor> saved);

 private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace backspike
