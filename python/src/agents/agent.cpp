// An actor and critic: in C++ with environments of the list, or step by step with those of others.

#include "agents/rl.hpp"

#include <backspike/core/error.hpp>
#include <backspike/gradient/learning_rule.hpp>
#include <backspike/online/agent_loop.hpp>

#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/tuple.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

namespace backspike::python {
namespace {

using numbers_in = array_in<double, 1>;
using rows_in = array_in<float, 2>;
using flags_in = array_in<bool, 1>;

space space_of(std::size_t choices, const numbers_in& low, const numbers_in& high) {
  return choices > 0 ? choices_of(choices)
                     : box({low.data(), low.data() + low.size()}, {high.data(), high.data() + high.size()});
}

std::span<const float> row(const rows_in& rows, std::size_t i) {
  return {rows.data() + i * rows.shape(1), rows.shape(1)};
}

/// The agent has its own copy of the parameters and is used by one thread at a time.
struct agent {
  std::shared_ptr<model> of;
  actor_critic core;
  std::optional<agent_loop> loop;  // with environments of the list
  std::optional<actor_critic::player> player;

  agent(std::shared_ptr<model> m, const experiment& e, const actor_critic_options& options, const space& observations,
        const space& actions, std::size_t environments, std::size_t threads)
      : of(std::move(m)),
        core(of->net, observations, actions, of->parameters, with_rule(e, options, of->net), environments, threads) {}

  static actor_critic_options with_rule(const experiment& e, actor_critic_options options, const network& net) {
    options.rule = eprop_options_of(e.rule, net, options.seed);
    options.optimiser = e.optimiser;
    return options;
  }

  void require_rows(const char* argument, std::size_t rows) const {
    if (rows != core.environments()) {
      throw shape_error("ActorCritic", argument, "[" + std::to_string(rows) + "]",
                        "[" + std::to_string(core.environments()) + "], one for each environment");
    }
  }

  /// f(environment) of those that are active, on all threads.
  template <class F>
  void for_active(const flags_in& active, const F& f) {
    core.pool().for_each(core.environments(), [&](std::size_t i, std::size_t) {
      if (active.data()[i]) {
        f(i);
      }
    });
  }
};

void begin(agent& a, const std::string& name, const std::map<std::string, double>& settings) {
  std::vector<std::unique_ptr<environment>> worlds;
  for (std::size_t i = 0; i < a.core.environments(); ++i) {
    worlds.push_back(make_environment(name, settings));
  }
  a.loop.emplace(a.core, std::move(worlds), a.core.options().seed);
}

/// What active environments do next, [environments][numbers of an action]; zeros for the others.
array_out<double> act(agent& a, const rows_in& observations, const flags_in& active, std::size_t numbers) {
  a.require_rows("observations", observations.shape(0));
  a.require_rows("active", active.shape(0));
  std::vector<double> actions(a.core.environments() * numbers);
  {
    const without_interpreter released;
    a.for_active(active, [&](std::size_t i) {
      std::ranges::copy(a.core.act(i, row(observations, i)).action,
                        actions.begin() + static_cast<std::ptrdiff_t>(i * numbers));
    });
  }
  const std::size_t count = a.core.environments();
  return array_of(std::move(actions), {count, numbers});
}

void follow(agent& a, const numbers_in& rewards, const flags_in& terminated, const flags_in& truncated,
            const rows_in& last, const flags_in& active) {
  a.require_rows("rewards", rewards.shape(0));
  a.require_rows("terminated", terminated.shape(0));
  a.require_rows("truncated", truncated.shape(0));
  a.require_rows("last", last.shape(0));
  a.require_rows("active", active.shape(0));
  const without_interpreter released;
  a.for_active(active, [&](std::size_t i) {
    a.core.follow(i, {rewards.data()[i], terminated.data()[i], truncated.data()[i]}, row(last, i));
  });
}

using episode_list = std::vector<std::tuple<double, std::uint32_t>>;

/// A round of the environments of the list; the returns and lengths of the episodes that ended.
episode_list round(agent& a) {
  const without_interpreter released;
  episode_list episodes;
  for (const episode_result& e : a.loop->round()) {
    episodes.emplace_back(e.reward, e.length);
  }
  return episodes;
}

array_out<double> decide(agent& a, const array_in<float, 1>& observation, std::optional<std::uint64_t> seed,
                         bool starts) {
  if (!a.player || starts) {
    a.player.emplace(a.core);
    a.player->start();
  }
  std::optional<random_stream> draws;
  if (seed) {
    draws.emplace(*seed, random_purpose::action, ~std::uint64_t{0} >> 2);
  }
  auto action = a.player->act({observation.data(), observation.size()}, draws ? &*draws : nullptr).action;
  const std::size_t numbers = action.size();
  return array_of(std::move(action), {numbers});
}

void initialise_for_agent(model& m, const actor_critic_options& options, const space& observations,
                          const std::vector<rows_in>& episodes) {
  std::vector<seen_episode> seen;
  for (const rows_in& rows : episodes) {
    seen.emplace_back();
    for (std::size_t t = 0; t < rows.shape(0); ++t) {
      const auto values = row(rows, t);
      seen.back().emplace_back(values.begin(), values.end());
    }
  }
  const busy held(m);
  initialise_agent(m.net, m.parameters, observations, seen, options, m.pool);
}

named_arrays save(const agent& a) { return arrays_of(a.core.save()); }

void restore(agent& a, const nb::typed<nb::list, nb::any>& saved) {
  a.core.restore(tensors_of(saved));
  a.player.reset();
}

void set_code(observation_spec& s, const std::string& name) {
  const auto code = parse_name<observation_code>(name);
  if (!code) {
    throw value_error("ActorCritic", "encoder.kind", name, "population, population_rate, delta or direct");
  }
  s.code = *code;
}

void bind_options(nb::module_& m) {
  nb::class_<observation_spec>(m, "ObservationSpec")
      .def(nb::init<>())
      .def_prop_rw(
          "kind", [](const observation_spec& s) { return std::string(name_of(s.code)); }, &set_code)
      .def_rw("low", &observation_spec::low)
      .def_rw("high", &observation_spec::high)
      .def_rw("fields", &observation_spec::fields)
      .def_rw("beta", &observation_spec::beta)
      .def_rw("threshold", &observation_spec::threshold)
      .def_rw("gain", &observation_spec::gain);
  nb::class_<actor_critic_options>(m, "AgentOptions")
      .def(nb::init<>())
      .def_rw("observation", &actor_critic_options::observation)
      .def_rw("gamma", &actor_critic_options::gamma)
      .def_rw("lambda_", &actor_critic_options::lambda)
      .def_rw("value_weight", &actor_critic_options::value_weight)
      .def_rw("entropy", &actor_critic_options::entropy)
      .def_rw("reward_scale", &actor_critic_options::reward_scale)
      .def_rw("logit_limit", &actor_critic_options::logit_limit)
      .def_rw("frame", &actor_critic_options::frame)
      .def_rw("update_every", &actor_critic_options::every)
      .def_rw("seed", &actor_critic_options::seed)
      .def_rw("total", &actor_critic_options::total);
}

}  // namespace

void bind_agent(nb::module_& m) {
  bind_options(m);
  m.def("space", &space_of, nb::arg("choices"), nb::arg("low"), nb::arg("high"));
  m.def("policy_outputs", &policy_outputs, nb::arg("actions"));
  m.def(
      "encoded_channels",
      [](const observation_spec& s, const space& observations) {
        return observation_encoder(s, observations).channels();
      },
      nb::arg("encoder"), nb::arg("observations"));
  m.def("initialise_agent", &initialise_for_agent, nb::arg("net"), nb::arg("options"), nb::arg("observations"),
        nb::arg("episodes"));
  nb::class_<agent>(m, "Agent")
      .def(nb::init<std::shared_ptr<model>, const experiment&, const actor_critic_options&, const space&, const space&,
                    std::size_t, std::size_t>())
      .def("begin", &begin, nb::arg("name"), nb::arg("settings"))
      .def("round", &round)
      .def("act", &act, nb::arg("observations"), nb::arg("active"), nb::arg("numbers"))
      .def("follow", &follow, nb::arg("rewards"), nb::arg("terminated"), nb::arg("truncated"), nb::arg("last"),
           nb::arg("active"))
      .def("abandon",
           [](agent& a) {
             for (std::size_t i = 0; i < a.core.environments(); ++i) {
               a.core.abandon(i);
             }
           })
      .def("update",
           [](agent& a) {
             const without_interpreter released;
             a.core.update();
           })
      .def("decide", &decide, nb::arg("observation"), nb::arg("seed").none(), nb::arg("starts"))
      .def("save", &save)
      .def("restore", &restore, nb::arg("saved"))
      .def("save_worlds", [](const agent& a) { return a.loop->save(); })
      .def(
          "restore_worlds", [](agent& a, const std::vector<std::vector<double>>& saved) { a.loop->restore(saved); },
          nb::arg("saved"))
      .def_prop_ro("environments", [](const agent& a) { return a.core.environments(); })
      .def_prop_ro("decisions", [](const agent& a) { return a.core.decisions(); })
      .def_prop_ro("updates", [](const agent& a) { return a.core.updates(); })
      .def_prop_ro("td_error", [](const agent& a) { return a.core.mean_td_error(); })
      .def_prop_ro("learning_rate", [](const agent& a) { return a.core.learning_rate(); })
      .def("write_back", [](agent& a) {
        const busy held(*a.of);
        std::ranges::copy(a.core.parameters().values(), a.of->parameters.values().begin());
      });
}

}  // namespace backspike::python
