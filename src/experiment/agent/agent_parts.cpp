// Builds the parts of an agent from what an experiment says of them.

#include "experiment/agent/agent_parts.hpp"

#include <backspike/experiment/agent_run.hpp>

#include "online/actor_critic/readout.hpp"

#include <algorithm>

namespace backspike {
namespace {

const char* policy_meaning(const space& actions) {
  return actions.discrete() ? "one for each choice" : "a mean and a spread for each number of an action";
}

std::size_t index_of(const experiment& e, const std::string& layer) {
  return static_cast<std::size_t>(std::ranges::find(e.network.layers, layer, &layer_spec::name) -
                                  e.network.layers.begin());
}

/// By groups before all others: the first that matches decides.
void freeze_hidden(const network& net, optimiser_spec& optimiser) {
  const auto own = readout_parameters(net);
  std::vector<parameter_group> frozen;
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    if (net.parameters()[i].learnable && !std::ranges::binary_search(own, i)) {
      frozen.push_back({net.parameters()[i].name, 1.0, true});
    }
  }
  optimiser.groups.insert(optimiser.groups.begin(), frozen.begin(), frozen.end());
}

}  // namespace

std::vector<output_size> output_sizes(const experiment& e, const space& actions) {
  const auto of_policy = static_cast<std::uint32_t>(policy_outputs(actions));
  if (e.agent.policy.empty()) {
    return {{e.network.layers.size() - 1, of_policy + 1, std::string(policy_meaning(actions)) + ", and the value"}};
  }
  return {{index_of(e, e.agent.policy), of_policy, policy_meaning(actions)},
          {index_of(e, e.agent.value), 1, "the value"}};
}

std::unique_ptr<environment> world_of(const experiment& e) {
  return make_environment(e.environment.name, e.environment.settings);
}

std::vector<std::unique_ptr<environment>> worlds_of(const experiment& e) {
  std::vector<std::unique_ptr<environment>> worlds;
  for (std::uint32_t i = 0; i < e.agent.environments; ++i) {
    worlds.push_back(world_of(e));
  }
  return worlds;
}

network_spec network_for_agent(const experiment& e) {
  const auto of = world_of(e);
  const environment_plan& world = of->plan();
  network_spec spec = e.network;
  spec.dt = e.environment.dt;
  spec.inputs = static_cast<std::uint32_t>(observation_encoder(e.environment.encoder, world.observations).channels());
  for (const output_size& o : output_sizes(e, world.actions)) {
    spec.layers[o.layer].size = o.size;
  }
  return spec;
}

actor_critic_options options_of(const experiment& e, const network& net) {
  const agent_spec& a = e.agent;
  rule_spec rule;
  rule.feedback = a.feedback;
  rule.feedback_decay = a.feedback_decay;
  rule.target_rate = a.target_rate;
  rule.rate_coefficient = a.rate_coefficient;
  actor_critic_options o;
  o.rule = eprop_options_of(rule, net, e.seed);
  o.optimiser = e.optimiser;
  o.observation = e.environment.encoder;
  o.gamma = a.gamma;
  o.lambda = a.lambda;
  o.value_weight = a.value_weight;
  o.entropy = a.entropy;
  o.reward_scale = a.reward_scale;
  o.logit_limit = a.logit_limit;
  o.frame = a.frame;
  o.every = a.update_every;
  o.seed = e.seed;
  o.total = a.steps;
  o.kind = a.rule;
  o.compare = a.compare_gradients;
  o.horizon = a.horizon;
  o.stdp_tau = a.stdp_tau;
  o.stdp_depression = a.stdp_depression;
  if (a.learns == agent_learns::readout) {
    freeze_hidden(net, o.optimiser);
  }
  return o;
}

}  // namespace backspike
