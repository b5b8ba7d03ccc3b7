// Reads an experiment or a checkpoint, and the data that it names.

#include "commands/loaded_network.hpp"

#include <backspike/core/name_ending.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/initialise.hpp>

#include "commands/agent/agent_commands.hpp"

#include <utility>

namespace backspike::app {
namespace {

constexpr const char* no_samples = "an agent learns from what it does itself";

loaded_network from_experiment(const std::string& command, const experiment_options& o, thread_pool& pool,
                               work_display& display) {
  loaded_network n;
  n.settings = o.load();
  refuse_agent(command, n.settings, no_samples);
  n.data = load_with_progress(n.settings.data, n.settings.seed, display);
  add_targets(n.settings, n.data);
  const dataset& train = n.data.train;
  n.net = std::make_unique<network>(network_for(n.settings, train));
  n.parameters = std::make_unique<arena<float>>(n.net->parameters());
  initialise(*n.net, *n.parameters, n.settings.seed, train, pool);
  return n;
}

loaded_network from_checkpoint(const std::string& command, const experiment_options& o, work_display& display) {
  auto trained = load_trained(o.path);
  refuse_agent(command, trained.settings, no_samples);
  checkpoint_options data_options;
  data_options.path = o.path;
  data_options.overrides = o.overrides;
  loaded_network n;
  n.data = load_with_progress(data_options.data_settings(trained), trained.settings.seed, display);
  for (dataset* split : {&n.data.train, &n.data.validation, &n.data.test}) {
    if (split->size() > 0) {
      make_compatible(o.path, trained, *split);
    }
  }
  n.settings = trained.settings;
  n.net = std::move(trained.net);
  n.parameters = std::move(trained.parameters);
  return n;
}

}  // namespace

loaded_network load_network(const std::string& command, const experiment_options& o, thread_pool& pool,
                            work_display& display) {
  return has_ending(o.path, ".toml") ? from_experiment(command, o, pool, display)
                                     : from_checkpoint(command, o, display);
}

}  // namespace backspike::app
