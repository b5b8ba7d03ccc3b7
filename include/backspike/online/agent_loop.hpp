#pragma once
// An actor and critic in a loop with environments that are stepped side by side.

#include <backspike/online/actor_critic.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace backspike {

/// An episode that is over.
struct episode_result {
  std::size_t environment = 0;
  double reward = 0.0;       // the sum of it
  std::uint32_t length = 0;  // [decisions]
};

class agent_loop {
 public:
  /// One environment for each of the agent's, which must outlive it. `seed` decides how episodes start.
  agent_loop(actor_critic& agent, std::vector<std::unique_ptr<environment>> environments, std::uint64_t seed);

  /// Every environment makes as many decisions as an update takes, then the parameters move. Environments run on all
  /// threads of the agent, with the same result. Returns the episodes that ended, by environment and time.
  std::span<const episode_result> round();

  /// Mean entropy and value of the decisions of the last round.
  double mean_entropy() const { return mean_entropy_; }
  double mean_value() const { return mean_value_; }

  /// Between rounds: numbers to go on from, without those of the agent. restore() throws shape_error.
  std::vector<std::vector<double>> save() const;
  void restore(const std::vector<std::vector<double>>& saved);

 private:
  struct world {
    std::unique_ptr<environment> of;
    std::uint64_t episodes = 0;
    double reward = 0.0;                  // of the episode so far
    std::vector<episode_result> results;  // of the round
    double entropy = 0.0, value = 0.0;    // sums of the round
  };
  void run(std::size_t i);
  void begin(std::size_t i);

  actor_critic& agent_;
  std::uint64_t seed_;
  std::vector<world> worlds_;
  std::vector<episode_result> results_;
  double mean_entropy_ = 0.0, mean_value_ = 0.0;
};

/// The sums of rewards of `episodes` whole episodes with the agent as it is: the best actions, or drawn ones. Nothing
/// is learned. The same seed gives the same episodes.
std::vector<double> play(const actor_critic& agent, environment& world, std::size_t episodes, bool sampled,
                         std::uint64_t seed);

/// What is seen of an episode, step by step.
using seen_episode = std::vector<std::vector<float>>;

/// What random actions come to see, at most 100 steps of an episode.
std::vector<seen_episode> play_at_random(environment& world, std::size_t episodes, std::uint64_t seed);

/// First parameters, drawn from the options' seed: weights for such episodes, as initialise() draws them, those into
/// the readout a tenth as large, so that at first no action is much likelier than another.
void initialise_agent(const network& net, arena<float>& parameters, const space& observations,
                      std::span<const seen_episode> episodes, const actor_critic_options& options, thread_pool& pool);

}  // namespace backspike
