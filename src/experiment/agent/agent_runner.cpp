// A whole run of an agent, from its experiment to its report: build, act and learn, test, write. agent_trainer.cpp has
// one round of it.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/core/resources.hpp>
#include <backspike/experiment/agent_run.hpp>
#include <backspike/gradient/eprop.hpp>

#include "experiment/agent/agent_finish.hpp"
#include "experiment/agent/agent_parts.hpp"
#include "experiment/agent/agent_trainer.hpp"
#include "experiment/folder/checkpoint.hpp"
#include "experiment/folder/directory.hpp"
#include "experiment/run/epochs.hpp"
#include "experiment/run/writable.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace backspike {
namespace {

constexpr std::size_t seen_at_start = 16;  // episodes of random actions that the weights start for

/// Where episodes are run again: inputs on tape and as events, and of every neuron and step state, output and error.
std::uint64_t unrolled_bytes(const experiment& e, const network& net) {
  if (e.agent.rule != agent_rule::a2c && !e.agent.compare_gradients) {
    return 0;
  }
  std::uint64_t numbers = 4 * std::uint64_t{net.spec().inputs};
  for (const population& p : net.populations()) {
    numbers += p.padded_units * (p.cell->states.size() + 3);
  }
  const std::uint64_t limit = world_of(e)->plan().limit, asked = e.agent.horizon;
  const std::uint64_t decisions = (asked > 0 ? std::min(asked, limit) : limit) + e.agent.update_every;
  return decisions * e.agent.frame * numbers * sizeof(float);
}

/// Parameters, moments and a gradient; for each environment the traces of e-prop, those of decisions, and a sum.
void require_memory(const experiment& e, const network& net, std::uint64_t limit) {
  const std::uint64_t parameters = net.parameters().floats() * sizeof(float);
  const std::uint64_t needed =
      4 * parameters + e.agent.environments * (eprop_bytes(net) + 2 * parameters + unrolled_bytes(e, net));
  const std::uint64_t available = limit > 0 ? limit : available_memory();
  if (needed > available) {
    throw resource_error("train", needed, available, "a smaller agent.environments or smaller layers need less");
  }
}

arena<float> first_parameters(const experiment& e, const network& net) {
  const auto world = world_of(e);
  arena<float> first(net.parameters());
  thread_pool pool(1);
  initialise_agent(net, first, world->plan().observations, play_at_random(*world, seen_at_start, e.seed),
                   options_of(e, net), pool);
  return first;
}

agent_start describe(const experiment& e, const network& net, const run_directory& directory, agent_trainer& t) {
  agent_start start;
  start.directory = directory.path();
  start.environment = e.environment.name;
  for (const auto& info : net.parameters().entries()) {
    start.parameters += info.size();
  }
  start.learnable = net.parameters().learnable_count();
  start.threads = t.threads();
  start.steps = e.agent.steps;
  start.steps_done = t.progress().decisions;
  start.rule_in_words = rule_in_words(e);
  return start;
}

agent_result stopped_at(const run_directory& directory, const agent_trainer& t) {
  agent_result stopped;
  stopped.directory = directory.path();
  stopped.decisions = t.progress().decisions;
  return stopped;
}

}  // namespace

void agent_observer::on_directory(const std::string&) {}
void agent_observer::on_start(const agent_start&) {}
void agent_observer::on_round(const agent_progress&) {}
void agent_observer::on_record(const agent_record&) {}
void agent_observer::on_solved(std::uint64_t) {}
void agent_observer::on_test(std::uint32_t) {}
bool agent_observer::stop_requested() { return false; }

agent_result train_agent(const experiment& e, const run_options& options, agent_observer& observer) {
  if (!e.acts()) {
    throw value_error("train_agent", "environment.name", "empty",
                      "an environment; an experiment with data is train()'s");
  }
  const auto path = directory_for(options.directory, e.output.directory, e.name);
  if (is_folder(path)) {
    require_writable(path, e, options);
  }
  const network net(network_for_agent(e));
  require_memory(e, net, options.memory_limit);
  const arena<float> first = first_parameters(e, net);
  observer.on_directory(path);
  const run_directory directory(path);
  require_writable(path, e, options);
  agent_trainer t(e, net, first, options.threads, directory);
  if (options.resume && directory.has(last_checkpoint_file)) {
    t.resume();
    if (!t.done()) {
      forget_result(directory);
    }
  } else {
    t.begin();
  }
  const agent_start start = describe(e, net, directory, t);
  observer.on_start(start);
  while (!t.done()) {
    t.round(observer);
    observer.on_round(t.progress());
    if (observer.stop_requested()) {
      t.save();
      return stopped_at(directory, t);
    }
  }
  return finish_agent_run(e, net, start, t, directory, observer);
}

}  // namespace backspike
