#pragma once
// A small actor and critic for tests: two observed numbers, a few neurons, weights that let them spike.

#include <backspike/core/arena.hpp>
#include <backspike/network/network.hpp>
#include <backspike/online/actor_critic.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace backspike::agent_case {

inline layer_spec hidden(const std::string& name, std::uint32_t size, bool recurrent = false) {
  layer_spec l;
  l.name = name;
  l.from = std::vector<std::string>{"input"};
  l.size = size;
  l.bias = true;
  l.recurrent = recurrent;
  l.parameters["tau_m"] = default_parameter({"tau_m", "ms", 8.0, 0.1, 1e6, ""});
  return l;
}

inline layer_spec readout(std::uint32_t size, double tau_m = 2.0) {
  layer_spec l;
  l.name = "readout";
  l.cell = "leaky_integrator";
  l.size = size;
  l.bias = true;
  l.parameters["tau_m"] = default_parameter({"tau_m", "ms", tau_m, 0.1, 1e6, ""});
  return l;
}

/// One body for policy and value.
inline network_spec one_body(std::uint32_t inputs, std::uint32_t outputs, bool recurrent = false) {
  network_spec s;
  s.inputs = inputs;
  s.layers = {hidden("body", 12, recurrent), readout(outputs)};
  s.layers[1].from = std::vector<std::string>{"body"};
  return s;
}

inline connection_spec to_outputs(const std::string& from, std::uint32_t size, std::uint32_t first, std::uint32_t end) {
  connection_spec c;
  c.from = from;
  c.to = "readout";
  c.kind = "sparse";
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t k = first; k < end; ++k) {
      c.sources.push_back(i);
      c.targets.push_back(k);
    }
  }
  return c;
}

/// A body for the policy and one for the value.
inline network_spec two_bodies(std::uint32_t inputs, std::uint32_t outputs) {
  network_spec s;
  s.inputs = inputs;
  s.layers = {hidden("actor", 10), hidden("critic", 9), readout(outputs)};
  s.layers[2].from = std::vector<std::string>{};
  s.connections = {to_outputs("actor", 10, 0, outputs - 1), to_outputs("critic", 9, outputs - 1, outputs)};
  return s;
}

/// Normal numbers, large enough for hidden neurons to spike; everything else as it is specified.
template <class S>
arena<S> parameters_of(const network& net, std::uint64_t seed = 5) {
  arena<S> all(net.parameters());
  random_stream draws(seed, random_purpose::test);
  for (const population& p : net.populations()) {
    for (std::size_t k = 0; k < p.parameters.size(); ++k) {
      const auto view = all.view(p.parameters[k]);
      const std::string field(p.cell->parameters[k].name);
      for (std::size_t c = 0; c < view.cols; ++c) {
        view(0, c) = static_cast<S>(p.spec.parameters.contains(field) ? p.spec.parameters.at(field).value
                                                                      : p.cell->parameters[k].initial);
      }
    }
  }
  const auto draw = [&](std::size_t parameter, double size) {
    const auto view = all.view(parameter);
    for (std::size_t r = 0; r < view.rows; ++r) {
      for (std::size_t c = 0; c < view.cols; ++c) {
        view(r, c) = static_cast<S>(static_cast<float>(size * draws.normal()));
      }
    }
  };
  for (const connection& c : net.connections()) {
    draw(c.weight, 0.6);
  }
  for (const population& p : net.populations()) {
    draw(p.bias, 0.3);
  }
  return all;
}

/// Observations of an episode.
inline std::vector<std::vector<float>> observations(std::size_t count, std::uint64_t seed = 9) {
  random_stream draws(seed, random_purpose::test);
  std::vector<std::vector<float>> all(count, std::vector<float>(2));
  for (auto& each : all) {
    each = {static_cast<float>(draws.normal()), static_cast<float>(draws.normal())};
  }
  return all;
}

inline space seen() { return box({-2.0, -2.0}, {2.0, 2.0}); }

inline actor_critic_options options() {
  actor_critic_options o;
  o.observation.fields = 5;
  o.gamma = 0.9;
  o.lambda = 1.0;
  o.value_weight = 0.7;
  o.frame = 3;
  o.every = 4;
  return o;
}

}  // namespace backspike::agent_case
