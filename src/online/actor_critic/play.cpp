// Episodes without learning: by the agent as it is, or by chance.

#include <backspike/online/agent_loop.hpp>

#include <backspike/core/random.hpp>

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

/// Any action: of the choices, or within the box.
void draw_any(const space& actions, random_stream& draws, std::span<double> action) {
  if (actions.discrete()) {
    action[0] = static_cast<double>(draws.below(static_cast<std::uint32_t>(actions.choices)));
    return;
  }
  for (std::size_t d = 0; d < action.size(); ++d) {
    const bool bounded = std::isfinite(actions.low[d]) && std::isfinite(actions.high[d]);
    action[d] = bounded ? actions.low[d] + (actions.high[d] - actions.low[d]) * draws.uniform() : draws.normal();
  }
}

}  // namespace

std::vector<double> play(const actor_critic& agent, environment& world, std::size_t episodes, bool sampled,
                         std::uint64_t seed) {
  actor_critic::player player(agent);
  std::vector<double> returns(episodes, 0.0);
  for (std::size_t k = 0; k < episodes; ++k) {
    random_stream draws(seed, random_purpose::action, ~std::uint64_t{k});
    world.reset(random_stream(seed, random_purpose::episode, ~std::uint64_t{k}));
    player.start();
    for (transition t; !t.over();) {
      t = world.step(player.act(world.observation(), sampled ? &draws : nullptr).action);
      returns[k] += t.reward;
    }
  }
  return returns;
}

std::vector<seen_episode> play_at_random(environment& world, std::size_t episodes, std::uint64_t seed) {
  constexpr std::uint32_t longest = 100;
  random_stream draws(seed, random_purpose::action, ~std::uint64_t{0} >> 1);
  std::vector<double> action(world.plan().actions.numbers());
  std::vector<seen_episode> seen(episodes);
  for (std::size_t k = 0; k < episodes; ++k) {
    world.reset(random_stream(seed, random_purpose::episode, ~std::uint64_t{k} >> 1));
    while (!world.over() && world.elapsed() < longest) {
      seen[k].emplace_back(world.observation().begin(), world.observation().end());
      draw_any(world.plan().actions, draws, action);
      world.step(action);
    }
  }
  return seen;
}

}  // namespace backspike
