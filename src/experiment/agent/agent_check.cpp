// Checks an agent and its world as a file describes them, before anything is built.

#include "experiment/agent/agent_check.hpp"

#include <backspike/environment/environment.hpp>

#include "experiment/agent/agent_parts.hpp"
#include "experiment/config/keys/agent_keys.hpp"
#include "experiment/config/spelling.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace backspike::config {
namespace {

/// The first key that was set and says nothing there.
template <class SaysNothing>
void refuse_idle(const settings_map& settings, const std::string& why, const SaysNothing& says_nothing) {
  for (const auto& [id, set] : settings) {
    if (says_nothing(id)) {
      throw config_error(set.where.file, set.where.line, set.shown, why);
    }
  }
}

void check_name(const environment_spec& world, const checker& check) {
  std::vector<std::string> known;
  for (const environment_info& of : known_environments()) {
    known.emplace_back(of.name);
  }
  if (std::ranges::find(known, world.name) == known.end()) {
    const auto hint = suggestion(world.name, known);
    check.refuse(
        "environment", "name",
        "is " + toml_text(world.name) + hint + (hint.empty() ? "; accepted: " : " Accepted: ") + joined(known));
  }
}

/// A setting of another environment would do nothing, in silence.
void check_settings(const environment_spec& world, const checker& check) {
  const auto known = known_environments();
  const auto fields = std::ranges::find(known, world.name, &environment_info::name)->settings;
  for (const auto& [name, ignored] : world.settings) {
    if (std::ranges::find(fields, name, &field::name) == fields.end()) {
      std::vector<std::string> own;
      std::ranges::transform(fields, std::back_inserter(own), [](const field& f) { return std::string(f.name); });
      check.refuse("environment", name,
                   "is no setting of " + world.name + "; accepted: " + (own.empty() ? "none" : joined(own)));
    }
  }
  try {
    make_environment(world.name, world.settings);  // all: what one accepts may depend on the others
  } catch (const value_error& e) {
    check.refuse("environment", e.argument, "is " + e.value + "; accepted: " + e.accepted);
  }
}

void set_outputs(experiment& e, const checker& check) {
  if (e.agent.policy.empty() != e.agent.value.empty()) {
    const bool lacks_policy = e.agent.policy.empty();
    check.refuse("agent", lacks_policy ? "policy" : "value",
                 lacks_policy ? "is empty; accepted: a layer, as agent.value is"
                              : "is empty; accepted: a layer, as agent.policy is");
  }
  if (e.agent.policy.empty()) {
    return;
  }
  for (const char* key : {"policy", "value"}) {
    const std::string& name = key == std::string("policy") ? e.agent.policy : e.agent.value;
    if (std::ranges::find(e.network.layers, name, &layer_spec::name) == e.network.layers.end()) {
      check.refuse("agent", key, "is " + toml_text(name) + "; accepted: the name of a layer");
    }
    network_output_spec output;
    output.from = output.name = name;
    e.network.outputs.push_back(output);
  }
}

}  // namespace

void finish_agent(experiment& e, const settings_map& settings, const checker& check) {
  if (!e.acts()) {
    refuse_idle(settings, "does nothing without an environment; accepted: with environment.name beside it",
                [](const std::string& id) { return is_of_agent(id) && id != "environment.name"; });
    return;
  }
  check_name(e.environment, check);
  check_settings(e.environment, check);
  refuse_idle(settings,
              "does nothing where an agent acts in " + e.environment.name +
                  "; accepted: keys of environment, agent, network, optimiser and output",
              is_of_data);
  set_outputs(e, check);
}

void check_agent(const experiment& e, const checker& check) {
  if (!e.acts()) {
    return;
  }
  const auto world = make_environment(e.environment.name, e.environment.settings);
  try {
    const observation_encoder encoder(e.environment.encoder, world->plan().observations);
  } catch (const user_error& problem) {
    check.refuse("environment.encoder", "kind", std::string("does not fit: ") + problem.what());
  }
  for (const output_size& o : output_sizes(e, world->plan().actions)) {
    const std::uint32_t given = e.network.layers[o.layer].size;
    if (given != 0 && given != o.size) {
      check.refuse("network.layer." + std::to_string(o.layer), "size",
                   "is " + std::to_string(given) + "; accepted: " + std::to_string(o.size) + ", " + o.meaning +
                       " (or 0, which stands for it)");
    }
  }
}

}  // namespace backspike::config
