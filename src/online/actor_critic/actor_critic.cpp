// The environments' learners side by side, and the update that their sums come to.

#include <backspike/online/actor_critic.hpp>

#include "core/short_number.hpp"
#include "online/actor_critic/episode_learner.hpp"
#include "online/actor_critic/policy.hpp"
#include "online/actor_critic/readout.hpp"
#include "online/actor_critic/unrolled_gradient.hpp"
#include "online/online_state.hpp"

#include <backspike/core/error.hpp>
#include <backspike/optimise/optimiser.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

namespace backspike {
namespace {

void require_range(const char* argument, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw value_error("actor_critic", argument, short_number(value), short_number(low) + " to " + short_number(high));
  }
}

void check_options(const actor_critic_options& o) {
  require_range("gamma", o.gamma, 0.0, 1.0);
  require_range("lambda", o.lambda, 0.0, 1.0);
  require_range("value_weight", o.value_weight, 0.0, 1e6);
  require_range("entropy", o.entropy, 0.0, 1e6);
  require_range("reward_scale", o.reward_scale, -1e12, 1e12);
  require_range("logit_limit", o.logit_limit, 0.0, 1e6);
  require_range("frame", o.frame, 1.0, 1e6);
  require_range("every", static_cast<double>(o.every), 1.0, 1e9);
  require_range("stdp_tau", o.stdp_tau, 1e-3, 1e9);
  require_range("stdp_depression", o.stdp_depression, 0.0, 1e6);
  if (o.frame == 1 && !o.rule.rates.empty()) {
    throw value_error("actor_critic", "frame", "1",
                      "at least 2 where rates are held: the last step of a frame learns from the decision alone");
  }
}

/// An episode that runs again has to be the same, and both gradients have to be of the same.
void check_unrolled(const network& net, const actor_critic_options& o) {
  if (o.kind != agent_rule::a2c && !o.compare) {
    return;
  }
  const char* asked = o.compare ? "compare" : "a2c";
  if (net.draws()) {
    throw value_error("actor_critic", asked, "a network with dropout or noise", "one without");
  }
  if (!o.rule.rates.empty()) {
    throw value_error("actor_critic", asked, "rates that are held", "a rate coefficient of 0");
  }
}

void check_readout(const network& net, const space& actions) {
  const std::size_t expected = policy_outputs(actions) + 1;
  for (const network_output& o : net.output_list()) {
    if (net.populations()[o.population].cell->spiking) {
      throw value_error("actor_critic", o.name + ".cell", std::string(net.populations()[o.population].cell->name),
                        "leaky_integrator: what the policy is made of and the value are analog");
    }
  }
  if (net.outputs() != expected) {
    throw value_error("actor_critic", net.output_list().back().name + ".size", std::to_string(net.outputs()),
                      std::to_string(expected) + ": " + std::to_string(expected - 1) +
                          (actions.discrete() ? ", one logit for each choice, and the value"
                                              : ", a mean and a spread for each number of an action, and the value"));
  }
}

void check_inputs(const network& net, const observation_spec& observation, const space& observations) {
  const std::size_t channels = observation_encoder(observation, observations).channels();
  if (channels != net.spec().inputs) {
    throw value_error("actor_critic", "inputs of the network", std::to_string(net.spec().inputs),
                      std::to_string(channels) + ", the channels of encoded observations");
  }
}

const network& checked(const network& net, const space& observations, const space& actions,
                       const actor_critic_options& options, std::size_t environments) {
  check_eprop(net, options.rule);
  check_options(options);
  check_unrolled(net, options);
  if (options.kind == agent_rule::stdp || options.kind == agent_rule::r_stdp) {
    check_pair_stdp(net);
  }
  check_readout(net, actions);
  check_inputs(net, options.observation, observations);
  require_range("environments", static_cast<double>(environments), 1.0, 65536.0);
  return net;
}

void put(const std::vector<float>& from, aligned_vector<float>& to) { to.assign(from.begin(), from.end()); }
void put(const std::vector<float>& from, std::vector<float>& to) { to = from; }
void put(const std::vector<float>& from, std::span<float> to) { std::ranges::copy(from, to.begin()); }

}  // namespace

std::size_t policy_outputs(const space& actions) {
  return with_policy(actions, [&](auto kind) { return kind.outputs(actions); });
}

struct actor_critic::implementation {
  const network& net;
  space observations, actions;
  actor_critic_options options;
  arena<float> parameters, gradient;
  eprop_feedback feedback;
  eprop_model<float> model;
  optimiser steps;
  thread_pool pool;
  std::vector<std::unique_ptr<episode_learner<float>>> learners;
  std::unique_ptr<unrolled_gradient> unrolled;  // where the options ask for backpropagation
  std::unique_ptr<arena<float>> by_bptt;
  double mean_error = 0.0, cosine = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> rates;  // [populations]

  implementation(const network& n, const space& o, const space& a, const arena<float>& initial,
                 const actor_critic_options& given, std::size_t environments, std::size_t threads)
      : net(checked(n, o, a, given, environments)),
        observations(o),
        actions(a),
        options(given),
        parameters(initial),
        gradient(n.parameters()),
        feedback(n, given.rule, initial),
        model(n, given.rule, parameters, spike_mode::hard),
        steps(given.optimiser, n.parameters()),
        pool(std::min(threads == 0 ? available_processors() : threads, environments)),
        rates(n.populations().size()) {
    require_in_range(initial);
    model.refresh(feedback);
    for (std::size_t i = 0; i < environments; ++i) {
      learners.push_back(std::make_unique<episode_learner<float>>(model, options, observations, actions, i));
    }
    if (options.kind == agent_rule::a2c || options.compare) {
      unrolled = std::make_unique<unrolled_gradient>(net, options, this->actions, pool);
      by_bptt = std::make_unique<arena<float>>(net.parameters());
    }
  }

  std::uint64_t decisions() const {
    std::uint64_t all = 0;
    for (const auto& l : learners) {
      all += l->decisions;
    }
    return all;
  }

  double rate() const {
    const std::uint64_t decisions_of_update = std::uint64_t{options.every} * learners.size();
    const std::uint64_t total = std::max<std::uint64_t>(options.total / decisions_of_update, 1);
    return learning_rate_at(options.optimiser, std::min(steps.steps(), total), total, 1);
  }

  void update();
  void measure_rates();
  void sum_up();
  void compare();
};

void actor_critic::implementation::measure_rates() {
  for (std::size_t q = 0; q < rates.size(); ++q) {
    std::uint64_t spikes = 0, seen = 0;
    for (const auto& l : learners) {
      spikes += l->spikes[q];
      seen += l->steps;
    }
    const double neuron_steps = static_cast<double>(seen) * static_cast<double>(net.populations()[q].units);
    rates[q] = seen > 0 ? static_cast<double>(spikes) / neuron_steps : 0.0;
  }
}

/// The mean over environments of sums over time, so that a rate means the same for any number of them.
void actor_critic::implementation::sum_up() {
  const float share = 1.0F / static_cast<float>(learners.size());
  const std::span<float> to = gradient.values();
  std::ranges::fill(to, 0.0F);
  double errors = 0.0;
  for (const auto& l : learners) {
    const std::span<const float> sum = std::as_const(*l).sum().values();
    for (std::size_t k = 0; k < to.size(); ++k) {
      to[k] += share * sum[k];
    }
    errors += l->absolute_errors;
  }
  mean_error = errors / (static_cast<double>(options.every) * static_cast<double>(learners.size()));
}

void actor_critic::implementation::compare() {
  unrolled->take(parameters, learners, true, *by_bptt);
  double both = 0.0, of_rule = 0.0, of_bptt = 0.0;
  for (std::size_t i = 0; i < net.parameters().size(); ++i) {
    const auto x = gradient.view(i), y = by_bptt->view(i);
    for (std::size_t r = 0; net.parameters()[i].learnable && r < x.rows; ++r) {
      for (std::size_t c = 0; c < x.cols; ++c) {
        const double a = static_cast<double>(x(r, c)), b = static_cast<double>(y(r, c));
        both += a * b;
        of_rule += a * a;
        of_bptt += b * b;
      }
    }
  }
  cosine = both / std::sqrt(of_rule * of_bptt);
}

void actor_critic::implementation::update() {
  measure_rates();
  sum_up();
  if (options.compare) {
    compare();
  }
  if (options.kind == agent_rule::a2c) {
    unrolled->take(parameters, learners, false, gradient);
  }
  for (const auto& l : learners) {
    l->clear();
  }
  steps.step(parameters, gradient, rate(), pool);
  feedback.follow();
  model.refresh(feedback, false);
}

actor_critic::actor_critic(const network& net, const space& observations, const space& actions,
                           const arena<float>& initial, const actor_critic_options& options, std::size_t environments,
                           std::size_t threads)
    : implementation_(
          std::make_unique<implementation>(net, observations, actions, initial, options, environments, threads)) {}

actor_critic::~actor_critic() = default;

std::size_t actor_critic::environments() const { return implementation_->learners.size(); }

const decision& actor_critic::act(std::size_t i, std::span<const float> observation) {
  return implementation_->learners.at(i)->act(observation);
}

void actor_critic::follow(std::size_t i, const transition& t, std::span<const float> last) {
  implementation_->learners.at(i)->follow(t, last);
}

void actor_critic::abandon(std::size_t i) { implementation_->learners.at(i)->abandon(); }

void actor_critic::update() { implementation_->update(); }

const arena<float>& actor_critic::parameters() const { return implementation_->parameters; }
const actor_critic_options& actor_critic::options() const { return implementation_->options; }
std::uint64_t actor_critic::decisions() const { return implementation_->decisions(); }
std::uint64_t actor_critic::updates() const { return implementation_->steps.steps(); }
double actor_critic::mean_td_error() const { return implementation_->mean_error; }
std::span<const double> actor_critic::rates() const { return implementation_->rates; }
double actor_critic::learning_rate() const { return implementation_->rate(); }
double actor_critic::gradient_cosine() const { return implementation_->cosine; }
thread_pool& actor_critic::pool() { return implementation_->pool; }

struct actor_critic::player::implementation {
  const actor_critic::implementation& of;
  eprop_pass<float> pass;
  observation_encoder encoder;
  std::vector<float> input, raw, readout;
  decision made;
  std::uint64_t seen = 0;
  bool watched = false;
  std::vector<frame_spike> spikes;

  explicit implementation(const actor_critic::implementation& agent)
      : of(agent),
        pass(agent.model, false),
        encoder(agent.options.observation, agent.observations),
        input(encoder.channels()),
        raw(agent.net.outputs()),
        readout(agent.net.outputs()) {
    made.action.resize(agent.actions.numbers());
  }

  void keep_spikes(std::uint32_t step) {
    const auto populations = of.net.populations();
    for (std::uint32_t q = 0; q < populations.size(); ++q) {
      for (std::uint32_t j = 0; populations[q].cell->spiking && j < populations[q].units; ++j) {
        if (pass.outputs(q)[j] == 1.0F) {
          spikes.push_back({step, q, j});
        }
      }
    }
  }
};

actor_critic::player::player(const actor_critic& of)
    : implementation_(std::make_unique<implementation>(*of.implementation_)) {}
actor_critic::player::~player() = default;

void actor_critic::player::watch() { implementation_->watched = true; }
std::span<const frame_spike> actor_critic::player::spikes() const { return implementation_->spikes; }
std::span<const float> actor_critic::player::readout() const { return implementation_->readout; }

void actor_critic::player::start() {
  implementation_->pass.start();
  implementation_->encoder.start();
}

const decision& actor_critic::player::act(std::span<const float> observation, random_stream* draws) {
  implementation& self = *implementation_;
  const actor_critic_options& options = self.of.options;
  self.encoder.see(observation);
  self.spikes.clear();
  random_stream spikes(options.seed, random_purpose::encoder, ~self.seen++);
  for (std::uint32_t step = 0; step < options.frame; ++step) {
    self.encoder.write(step, spikes, self.input);
    self.pass.set_input(std::span<const float>(self.input));
    self.pass.forward(false);
    if (self.watched) {
      self.keep_spikes(step);
    }
  }
  copy_outputs<float>(self.pass, self.of.net, self.raw);
  read_policy<float>(self.raw, options.logit_limit, self.readout);
  const std::span<const float> policy = std::span<const float>(self.readout).first(self.readout.size() - 1);
  with_policy(self.of.actions, [&](auto kind) {
    draws == nullptr ? kind.best(policy, self.made.action) : kind.draw(policy, *draws, self.made.action);
    self.made.entropy = kind.entropy(policy);
  });
  self.made.value = static_cast<double>(self.readout.back());
  return self.made;
}

std::vector<named_tensor> actor_critic::save() const {
  implementation& self = *implementation_;
  std::vector<named_tensor> to;
  save_arena("parameters", self.parameters, to);
  save_arena("first_moment", self.steps.first_moment(), to);
  save_arena("second_moment", self.steps.second_moment(), to);
  std::vector<std::uint64_t> numbers{self.steps.steps(), std::bit_cast<std::uint64_t>(self.mean_error)};
  for (const double x : self.feedback.offsets()) {
    numbers.push_back(std::bit_cast<std::uint64_t>(x));
  }
  for (std::size_t i = 0; i < self.learners.size(); ++i) {
    const std::string name = "environment" + std::to_string(i) + ".";
    self.learners[i]->visit([&](const std::string& part, std::span<float> values) {
      to.push_back({name + part, {values.size()}, {values.begin(), values.end()}});
    });
    const auto counters = self.learners[i]->counters();
    numbers.insert(numbers.end(), counters.begin(), counters.end());
  }
  auto pieces = pack(numbers);
  to.push_back({"counters_and_feedback", {pieces.size()}, std::move(pieces)});
  return to;
}

void actor_critic::restore(std::span<const named_tensor> saved) {
  implementation& self = *implementation_;
  check_tensors(saved, save(), [](const named_tensor& t) {
    return t.name.ends_with(".traces") || t.name.find(".tape.") != std::string::npos;
  });
  const std::size_t count = self.net.parameters().size();
  arena<float> restored(self.net.parameters());
  restore_arena(saved, restored);
  require_in_range(restored);
  restore_arena(saved, self.parameters);
  restore_arena(saved.subspan(count), self.steps.first_moment());
  restore_arena(saved.subspan(2 * count), self.steps.second_moment());
  const auto numbers = unpack(saved.back().values);
  std::size_t next = 3 * count, number = 2;
  self.steps.restore(numbers[0]);
  self.mean_error = std::bit_cast<double>(numbers[1]);
  for (double& x : self.feedback.offsets()) {
    x = std::bit_cast<double>(numbers[number++]);
  }
  for (const auto& l : self.learners) {
    l->visit([&](const std::string&, auto&& values) { put(saved[next++].values, values); });
    const std::size_t counters = l->counters().size();
    l->restore(std::span(numbers).subspan(number, counters));
    number += counters;
  }
  self.model.refresh(self.feedback);
}

}  // namespace backspike
