#pragma once
// An agent that is small enough to learn for a moment in a test.

#include <backspike/experiment/agent_run.hpp>

#include <string>
#include <vector>

namespace backspike {

inline const std::string small_agent_text = R"(
name = "small"
seed = 4
[environment]
name = "CartPole-v1"
[environment.encoder]
low = [-2.4, -2.5, -0.21, -2.5]
high = [2.4, 2.5, 0.21, 2.5]
fields = 5
[agent]
policy = "policy"
value = "value"
steps = 4000
environments = 2
update_every = 4
checkpoint_every = 1500
test_episodes = 5
reward_scale = 0.05
[[network.layer]]
name = "body"
size = 12
bias = true
recurrent = true
tau_m = 5.0
[[network.layer]]
name = "policy"
cell = "leaky_integrator"
tau_m = 1.0
[[network.layer]]
name = "value"
from = ["body"]
cell = "leaky_integrator"
tau_m = 1.0
)";

inline experiment small_agent(const std::vector<std::string>& overrides = {}) {
  return parse_experiment(small_agent_text, "test", overrides);
}

}  // namespace backspike
