#pragma once
// The gradient of advantage actor-critic by backpropagation through the episodes that learners have on tape.

#include "online/actor_critic/episode_learner.hpp"

#include <backspike/gradient/unrolled.hpp>

#include <memory>
#include <span>
#include <vector>

namespace backspike {

class unrolled_gradient {
 public:
  /// All of it must outlive it.
  unrolled_gradient(const network& net, const actor_critic_options& options, const space& actions, thread_pool& pool)
      : net_(net), options_(options), actions_(actions), pass_(net, pool) {}

  /// Overwrites `to` with the gradient, a mean over environments, to go down: of log pi, value and entropy with
  ///
  ///   A^t = sum_k (gamma lambda)^k delta^{t + k}
  ///
  /// over the errors since the last update. `earlier`: also of the decisions before them that the tape still has; it is
  /// then what the three-factor rule's sum stands for. Throws numeric_error.
  void take(const arena<float>& parameters, std::span<const std::unique_ptr<episode_learner<float>>> learners,
            bool earlier, arena<float>& to);

 private:
  void load(std::span<const std::unique_ptr<episode_learner<float>>> learners);
  void add_errors(const taped_episode& e, std::size_t first_row, bool earlier);

  const network& net_;
  const actor_critic_options& options_;
  const space& actions_;
  unrolled pass_;
  dataset data_;  // an episode is a sample
  std::vector<const taped_episode*> episodes_;
  std::vector<float> outputs_, error_;  // [rows][outputs]
};

}  // namespace backspike
