// Reads an agent back from a checkpoint, lets it play, and films it.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/agent_run.hpp>
#include <backspike/online/agent_loop.hpp>

#include "experiment/agent/agent_parts.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "online/actor_critic/policy.hpp"

#include <algorithm>
#include <cmath>

namespace backspike {
namespace {

std::string checkpoint_path(const std::string& path) {
  return is_folder(path) ? path + "/" + best_checkpoint_file : path;
}

/// With one environment: it only plays.
actor_critic agent_of(const trained_agent& trained, const environment& world) {
  return actor_critic(*trained.net, world.plan().observations, world.plan().actions, *trained.parameters,
                      options_of(trained.settings, *trained.net), 1);
}

/// Probabilities of the choices, or the means and deviations of the numbers of an action.
std::vector<double> policy_in(std::span<const float> readout, const space& actions) {
  const auto y = readout.first(readout.size() - 1);
  std::vector<double> policy(y.begin(), y.end());
  if (actions.discrete()) {
    const double all = softmax_policy::log_sum(y);
    std::ranges::transform(policy, policy.begin(), [&](double x) { return std::exp(x - all); });
  } else {
    for (std::size_t d = 0; d < actions.numbers(); ++d) {
      policy[actions.numbers() + d] = std::exp(gaussian_policy::log_sigma(y, d));
    }
  }
  return policy;
}

std::vector<double> state_of(const environment& world) {
  auto state = world.save();
  state.resize(state.size() - 2);  // elapsed steps, and whether it is over
  return state;
}

/// With the defaults of those that the experiment does not give.
std::vector<std::pair<std::string, double>> settings_of(const environment_spec& world) {
  std::vector<std::pair<std::string, double>> all;
  for (const field& f : std::ranges::find(known_environments(), world.name, &environment_info::name)->settings) {
    const auto given = world.settings.find(std::string(f.name));
    all.emplace_back(std::string(f.name), given == world.settings.end() ? f.initial : given->second);
  }
  return all;
}

std::vector<raster> empty_rasters(const network& net) {
  std::vector<raster> rasters;
  for (const population& p : net.populations()) {
    rasters.push_back({p.spec.name, static_cast<std::uint32_t>(p.units), {}, {}});
  }
  return rasters;
}

}  // namespace

bool is_agent(const std::string& path) {
  const auto file = checkpoint_path(path);
  return parse_experiment(read_checkpoint(file).experiment, file).acts();
}

trained_agent load_agent(const std::string& path) {
  const auto file = checkpoint_path(path);
  const auto c = read_checkpoint(file);
  trained_agent trained;
  trained.settings = parse_experiment(c.experiment, file);
  if (!trained.settings.acts()) {
    throw checkpoint_error(file, "holds a network that learned from data, not an agent");
  }
  trained.version = c.version;
  trained.decisions = count_in_state(file, c, "decisions", 0, std::uint64_t{1} << 53);
  trained.net = std::make_unique<network>(network_for_agent(trained.settings));
  require_tensors(file, c.parameters, trained.net->parameters());
  trained.parameters = std::make_unique<arena<float>>(trained.net->parameters());
  restore_parameters(file, c, *trained.parameters);
  return trained;
}

std::vector<double> evaluate_agent(const trained_agent& trained, std::size_t episodes, bool sampled,
                                   std::uint64_t seed) {
  const auto world = world_of(trained.settings);
  const actor_critic agent = agent_of(trained, *world);
  return play(agent, *world, episodes, sampled, seed);
}

agent_film film_of(const trained_agent& trained, std::uint32_t longest, std::uint64_t seed) {
  const auto world = world_of(trained.settings);
  const actor_critic agent = agent_of(trained, *world);
  const space& actions = world->plan().actions;
  agent_film film;
  film.environment = world->plan().name;
  film.settings = settings_of(trained.settings.environment);
  film.frame = trained.settings.agent.frame;
  film.discrete = actions.discrete();
  film.rasters = empty_rasters(*trained.net);
  actor_critic::player player(agent);
  player.watch();
  player.start();
  world->reset(seed);
  while (!world->over() && film.actions.size() < longest) {
    film.states.push_back(state_of(*world));
    const decision& made = player.act(world->observation());
    for (const frame_spike& s : player.spikes()) {
      film.rasters[s.population].steps.push_back(static_cast<std::uint32_t>(film.actions.size()) * film.frame + s.step);
      film.rasters[s.population].channels.push_back(s.neuron);
    }
    film.actions.push_back(made.action);
    film.values.push_back(made.value);
    film.policy.push_back(policy_in(player.readout(), actions));
    film.rewards.push_back(world->step(made.action).reward);
  }
  film.states.push_back(state_of(*world));
  std::erase_if(film.rasters, [&](const raster& r) {
    const auto& all = trained.net->populations();
    return !std::ranges::find(all, r.name, [](const population& p) { return p.spec.name; })->cell->spiking;
  });
  return film;
}

}  // namespace backspike
