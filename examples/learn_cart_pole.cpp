// An actor and a critic of spikes learn to balance a pole on a cart, by a three-factor rule: 64 neurons each, and one
// number that is broadcast to all synapses. Arguments: a seed (1), and decisions to learn from (150000).

#include <backspike/online/agent_loop.hpp>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <numeric>

using namespace backspike;

constexpr std::uint32_t hidden = 64, choices = 2, environments = 8;

layer_spec body(const char* name) {
  layer_spec l;
  l.name = name;
  l.from = std::vector<std::string>{"input"};
  l.size = hidden;
  l.bias = true;
  l.parameters["tau_m"].value = 5.0;
  return l;
}

/// From every neuron of a body to outputs `first` to `last` of the readout.
connection_spec into_readout(const char* from, std::uint32_t first, std::uint32_t last) {
  connection_spec c;
  c.from = from;
  c.to = "readout";
  c.kind = "sparse";
  for (std::uint32_t i = 0; i < hidden; ++i) {
    for (std::uint32_t k = first; k <= last; ++k) {
      c.sources.push_back(i);
      c.targets.push_back(k);
    }
  }
  return c;
}

network_spec actor_and_critic(std::uint32_t inputs) {
  layer_spec readout;
  readout.name = "readout";
  readout.from = std::vector<std::string>{};
  readout.cell = "leaky_integrator";
  readout.size = choices + 1;  // a logit for each choice, and the value
  readout.bias = true;
  readout.parameters["tau_m"].value = 1.0;
  network_spec s;
  s.inputs = inputs;
  s.layers = {body("actor"), body("critic"), readout};
  s.connections = {into_readout("actor", 0, choices - 1), into_readout("critic", choices, choices)};
  return s;
}

actor_critic_options settings(std::uint64_t seed, std::uint64_t total) {
  actor_critic_options o;
  o.observation.low = {-2.4, -2.5, -0.21, -2.5};
  o.observation.high = {2.4, 2.5, 0.21, 2.5};
  o.observation.fields = 14;
  o.optimiser.learning_rate = 1.5e-3;
  o.optimiser.schedule = schedule_kind::cosine;
  o.value_weight = 1.0;
  o.reward_scale = 0.05;
  o.seed = seed;
  o.total = total;
  return o;
}

double mean(const auto& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

int main(int count, char** arguments) {
  const std::uint64_t seed = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1;
  const std::uint64_t total = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 150000;
  const actor_critic_options options = settings(seed, total);
  const auto world = make_environment("CartPole-v1");
  const space &seen = world->plan().observations, &actions = world->plan().actions;
  const network net(actor_and_critic(4 * options.observation.fields));
  arena<float> first(net.parameters());
  thread_pool pool(1);
  initialise_agent(net, first, seen, play_at_random(*world, 16, seed), options, pool);

  std::vector<std::unique_ptr<environment>> worlds;
  for (std::uint32_t i = 0; i < environments; ++i) {
    worlds.push_back(make_environment("CartPole-v1"));
  }
  actor_critic agent(net, seen, actions, first, options, environments);
  agent_loop loop(agent, std::move(worlds), seed);
  std::deque<double> last;
  std::uint64_t solved_at = 0, told = 0;
  while (agent.decisions() < total) {
    for (const episode_result& e : loop.round()) {
      last.push_back(e.reward);
      if (last.size() > 100) {
        last.pop_front();
      }
      solved_at = solved_at == 0 && last.size() == 100 && mean(last) >= 475.0 ? agent.decisions() : solved_at;
    }
    if (agent.decisions() >= told + 10000) {
      told = agent.decisions();
      std::printf("%7llu decisions: mean return %.1f\n", static_cast<unsigned long long>(told), mean(last));
    }
  }
  std::printf("seed %llu: mean of 100 in training %.1f, solved at %llu, greedy %.1f\n",
              static_cast<unsigned long long>(seed), mean(last), static_cast<unsigned long long>(solved_at),
              mean(play(agent, *world, 100, false, seed)));
}
