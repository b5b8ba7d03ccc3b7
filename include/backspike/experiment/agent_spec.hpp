#pragma once
// What an experiment says of an agent: the world that it acts in, what becomes of its observations, and how it learns.

#include <backspike/core/enum_names.hpp>
#include <backspike/environment/observation_encoder.hpp>
#include <backspike/gradient/rule_spec.hpp>
#include <backspike/online/agent_rule.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace backspike {

struct environment_spec {
  std::string name;                        // in the list of environments; empty: the experiment has data instead
  std::map<std::string, double> settings;  // what is absent takes its default
  observation_spec encoder;
  double dt = 1.0;  // [ms] of a step of the network
};

/// all       every learned parameter
/// readout   only what belongs to the outputs and the connections that lead to them: a control
enum class agent_learns { all, readout };
template <>
inline constexpr auto enum_names<agent_learns> = std::to_array<enum_name<agent_learns>>({
    {agent_learns::all, "all"},
    {agent_learns::readout, "readout"},
});

/// Most members are those of actor_critic_options (online/actor_critic.hpp), which has their equations.
struct agent_spec {
  agent_rule rule = agent_rule::actor_critic;
  agent_learns learns = agent_learns::all;
  std::string policy, value;       // layers that are these outputs; empty: the last layer, the value its last one
  std::uint64_t steps = 100000;    // decisions of all environments together
  std::uint32_t environments = 8;  // side by side
  std::uint32_t frame = 3;         // [steps] of the network for a decision
  std::uint32_t update_every = 8;  // decisions of each environment
  double gamma = 0.98, lambda = 0.9;
  double value_weight = 0.5, entropy = 0.0, reward_scale = 1.0, logit_limit = 0.0;
  feedback_kind feedback = feedback_kind::symmetric;
  double feedback_decay = 1e-3;
  double target_rate = 10.0, rate_coefficient = 0.0;
  bool compare_gradients = false;  // with backpropagation of the same errors
  std::uint32_t horizon = 0;       // decisions
  double stdp_tau = 20.0, stdp_depression = 1.05;
  std::optional<double> goal;             // mean return of 100 episodes at which it counts as solved
  std::uint32_t test_episodes = 100;      // greedy ones, after training
  std::uint64_t checkpoint_every = 5000;  // decisions between checkpoints, each with its line of metrics
  bool monitor = false;                   // writes monitor.csv
};

}  // namespace backspike
