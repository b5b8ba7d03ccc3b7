#pragma once
// From an experiment to the parts of an agent: its network, its options, its worlds.

#include <backspike/environment/environment.hpp>
#include <backspike/experiment/experiment.hpp>
#include <backspike/network/network.hpp>
#include <backspike/online/actor_critic.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace backspike {

/// How large a layer has to be that is an output.
struct output_size {
  std::size_t layer = 0;
  std::uint32_t size = 0;
  std::string meaning;
};
std::vector<output_size> output_sizes(const experiment& e, const space& actions);

std::unique_ptr<environment> world_of(const experiment& e);
std::vector<std::unique_ptr<environment>> worlds_of(const experiment& e);

actor_critic_options options_of(const experiment& e, const network& net);

}  // namespace backspike
