// The keys of an agent: its world, with the settings that the list of environments declares, its eyes, and its rule.

#include "experiment/config/keys/agent_keys.hpp"

#include <backspike/environment/environment.hpp>
#include <backspike/network/network_spec.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace backspike::config {
namespace {

key<environment_spec> setting_row(const environment_info& of, const field& f) {
  const std::string name(f.name);
  key<environment_spec> row;
  row.name = name;
  row.type = value_type::number;
  row.unit = std::string(f.unit);
  row.limits = between(f.low, f.high);
  row.meaning = is_common(f) ? std::string(f.meaning) : std::string(of.name) + ": " + std::string(f.meaning);
  row.get = [name](const environment_spec& e) -> value {
    const auto given = e.settings.find(name);
    return given == e.settings.end() ? value(absent{}) : value(given->second);
  };
  row.set = [name](environment_spec& e, const value& v) { e.settings[name] = std::get<double>(v); };
  return row;
}

std::string names_of_environments() {
  std::string names;
  for (const environment_info& of : known_environments()) {
    names += (names.empty() ? "" : ", ") + std::string(of.name);
  }
  return names;
}

std::vector<key<environment_spec>> environment_keys() {
  using s = environment_spec;
  std::vector<key<environment_spec>> keys{
      row("name", &s::name, "the world that an agent acts in, instead of data: " + names_of_environments()),
      row("dt", &s::dt, "ms", between(least_dt, most_dt), "width of a time step of the network")};
  for (const environment_info& of : known_environments()) {
    for (const field& f : of.settings) {
      if (std::ranges::find(keys, std::string(f.name), &key<environment_spec>::name) == keys.end()) {
        keys.push_back(setting_row(of, f));
      }
    }
  }
  return keys;
}

std::vector<key<observation_spec>> encoder_keys() {
  using s = observation_spec;
  return {
      row("kind", &s::code,
          "what an observation becomes: currents of receptive fields, spikes with these rates, spikes at changes, or "
          "the numbers as currents"),
      row("low", &s::low, "", range{}, "of each number: what becomes 0; an empty list: the least of its space, or -1"),
      row("high", &s::high, "", range{}, "of each number: what becomes 1; an empty list: the most of its space, or 1"),
      row("fields", &s::fields, "neurons", between(2, 65536), "population: with receptive fields that see each number"),
      row("beta", &s::beta, "", above(0), "population: distance of the centres of the fields, in widths of a field"),
      row("threshold", &s::threshold, "", above(0), "delta: change that makes a spike, as a share of the range"),
      row("gain", &s::gain, "", range{}, "factor of currents"),
  };
}

std::vector<key<agent_spec>> agent_keys() {
  using s = agent_spec;
  constexpr double most = 4294967295.0;
  return {
      row("rule", &s::rule,
          "how it learns; actor_critic: eligibility traces and one broadcast error; a2c: backpropagation through the "
          "episode; stdp, r_stdp: pairs of spikes, with r_stdp times that error"),
      row("learns", &s::learns, "what training changes; readout: only weights into the outputs, a control"),
      row("policy", &s::policy, "the layer whose values are the policy; empty: the last layer, all values but one"),
      row("value", &s::value, "the layer whose value is that of what is seen; empty: the last value of the last layer"),
      row("steps", &s::steps, "decisions", between(1, 1e15), "of all environments together"),
      row("environments", &s::environments, "", between(1, 65536), "side by side"),
      row("frame", &s::frame, "steps", between(1, 1e6), "of the network that show an observation, for one decision"),
      row("update_every", &s::update_every, "decisions", between(1, 1e9), "of each environment between two updates"),
      row("gamma", &s::gamma, "", between(0, 1), "what the future is worth, for each decision"),
      row("lambda", &s::lambda, "", between(0, 1), "how long a decision is held responsible"),
      row("value_weight", &s::value_weight, "", between(0, 1e6), "of the value's error beside the policy's"),
      row("entropy", &s::entropy, "", between(0, 1e6), "weight of the policy's entropy, which keeps it open"),
      row("reward_scale", &s::reward_scale, "", between(-1e12, 1e12), "factor of rewards that are learned from"),
      row("logit_limit", &s::logit_limit, "", between(0, 1e6),
          "of what the policy is made of, by a tanh of that height; 0: none"),
      row("feedback", &s::feedback, "what brings the error to hidden neurons"),
      row("feedback_decay", &s::feedback_decay, "", between(0, 1), "adaptive: of each update"),
      row("target_rate", &s::target_rate, "Hz", at_least(0), "rate that hidden neurons are held near"),
      row("rate_coefficient", &s::rate_coefficient, "", at_least(0), "how strongly; 0: not at all"),
      row("compare_gradients", &s::compare_gradients,
          "metrics have the cosine between what traces come to and backpropagation of the same errors"),
      row("horizon", &s::horizon, "decisions", between(0, most),
          "a2c, compare_gradients: before those of an update, from which an episode is run again, from rest; 0: from "
          "its start"),
      row("stdp_tau", &s::stdp_tau, "ms", between(1e-3, 1e9), "stdp, r_stdp: time constant of both traces"),
      row("stdp_depression", &s::stdp_depression, "", between(0, 1e6),
          "stdp, r_stdp: weight of pairs in the order target, source; those in the other one have 1"),
      row("goal", &s::goal, "", range{}, "mean return of 100 episodes at which it is solved; absent: there is none"),
      row("test_episodes", &s::test_episodes, "episodes", between(1, 1e6), "by the best actions, after training"),
      row("checkpoint_every", &s::checkpoint_every, "decisions", between(1, most),
          "between two checkpoints, each with its line of metrics"),
      row("monitor", &s::monitor, "writes monitor.csv, a line for each episode, as tools of the field read it"),
  };
}

bool is_within(std::string_view dotted, std::string_view section) {
  return dotted == section || (dotted.starts_with(section) && dotted[section.size()] == '.');
}

}  // namespace

std::vector<section<experiment>> agent_sections() {
  using e = experiment;
  return {
      {"environment", "the world that an agent acts in; with a name there are no data",
       within(&e::environment, environment_keys())},
      {"environment.encoder", "how observations become the input of the network",
       within(&e::environment, within(&environment_spec::encoder, encoder_keys()))},
      {"agent", "how it learns from what it gets", within(&e::agent, agent_keys())},
  };
}

bool is_of_agent(const std::string& dotted) { return is_within(dotted, "environment") || is_within(dotted, "agent"); }

bool is_of_data(const std::string& dotted) {
  constexpr std::array<std::string_view, 6> sections{"data", "rule", "objective", "train", "hardware", "metrics"};
  return std::ranges::any_of(sections, [&](std::string_view s) { return is_within(dotted, s); });
}

}  // namespace backspike::config
