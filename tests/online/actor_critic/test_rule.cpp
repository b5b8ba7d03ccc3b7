// The three-factor rule against what it stands for, in double: e-prop with the error of temporal difference as its
// learning signal, and the policy gradient by backpropagation through the episode.

#include "policy_gradient.hpp"

#include "online/actor_critic/episode_learner.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace backspike {
namespace {

using agent_case::advantages;
using agent_case::by_bptt;
using agent_case::episode;
using agent_case::errors_of;
using agent_case::expect_same;
using agent_case::sample_of;

episode live(const network& net, const arena<double>& parameters, const actor_critic_options& options,
             const space& actions, std::size_t length) {
  const eprop_feedback feedback(net, options.rule, parameters);
  eprop_model<double> model(net, options.rule, parameters, spike_mode::hard);
  model.refresh(feedback);
  episode_learner<double> learner(model, options, agent_case::seen(), actions, 0);
  episode e{agent_case::observations(length), {}, {}, arena<double>(net.parameters())};
  random_stream draws(2, random_purpose::test);
  for (std::size_t t = 0; t < length; ++t) {
    e.decisions.push_back(learner.act(e.observations[t]));
    e.rewards.push_back(draws.normal());
    learner.follow({e.rewards.back(), t + 1 == length, false}, {});
  }
  std::ranges::copy(learner.sum().values(), e.sum.values().begin());
  return e;
}

/// The sum of an episode is the gradient of generalised advantage estimation by backpropagation through time.
void expect_policy_gradient(const network_spec& spec, const space& actions, actor_critic_options options) {
  const network net(spec);
  const auto parameters = agent_case::parameters_of<double>(net);
  const episode e = live(net, parameters, options, actions, 12);
  expect_same(e.sum, by_bptt(net, parameters, e, options, actions, advantages(e, options)), net);
}

TEST(ActorCriticRule, IsThePolicyGradientOfBptt) {
  for (const double lambda : {1.0, 0.6, 0.0}) {
    actor_critic_options o = agent_case::options();
    o.lambda = lambda;
    expect_policy_gradient(agent_case::one_body(10, 4), choices_of(3), o);
  }
}

TEST(ActorCriticRule, IsThePolicyGradientOfBpttWithTwoBodies) {
  expect_policy_gradient(agent_case::two_bodies(10, 4), choices_of(3), agent_case::options());
}

TEST(ActorCriticRule, IsThePolicyGradientOfBpttWithEntropy) {
  actor_critic_options o = agent_case::options();
  o.entropy = 0.3;
  expect_policy_gradient(agent_case::one_body(10, 4), choices_of(3), o);
  expect_policy_gradient(agent_case::two_bodies(10, 4), choices_of(3), o);
}

TEST(ActorCriticRule, IsThePolicyGradientOfBpttWithContinuousActions) {
  actor_critic_options o = agent_case::options();
  o.entropy = 0.1;
  expect_policy_gradient(agent_case::one_body(10, 5), box({1.0, 2.0}), o);
}

TEST(ActorCriticRule, IsThePolicyGradientOfBpttForOtherCellsWithLearnedTimeConstants) {
  for (const char* cell : {"alif", "cuba_lif", "adlif"}) {
    network_spec s = agent_case::one_body(10, 4);
    s.layers[0].cell = cell;
    s.layers[0].parameters.clear();
    for (const field& f : find_cell(cell).parameters) {
      s.layers[0].parameters[std::string(f.name)] = default_parameter(f);
      s.layers[0].parameters[std::string(f.name)].learn = f.name == "tau_m";
    }
    actor_critic_options o = agent_case::options();
    o.entropy = 0.2;
    expect_policy_gradient(s, choices_of(3), o);
  }
}

/// gamma = lambda = 0 and a reward in every step: no decision is held responsible for later ones, and the rule is
/// e-prop with the error delta d(-log pi - c V) / dy, here taken straight from the pass; with recurrence, too.
TEST(ActorCriticRule, WithoutAFutureIsEpropWithThatLearningSignal) {
  const network net(agent_case::one_body(10, 4, true));
  const auto parameters = agent_case::parameters_of<double>(net);
  const space actions = choices_of(3);
  actor_critic_options o = agent_case::options();
  o.gamma = o.lambda = 0.0;
  o.frame = 1;
  const episode e = live(net, parameters, o, actions, 20);
  const eprop_feedback feedback(net, o.rule, parameters);
  eprop_model<double> model(net, o.rule, parameters, spike_mode::hard);
  model.refresh(feedback);
  eprop_pass<double> pass(model, true);
  arena<double> gradient(net.parameters());
  const dataset data = sample_of(e, o);
  for (std::size_t t = 0; t < e.rewards.size(); ++t) {
    pass.set_input(data.inputs.spikes.row(t));
    pass.forward(true);
    const std::span<const double> y(pass.outputs(net.output(0).population), net.outputs());
    const auto error = errors_of(y, e.decisions[t], e.rewards[t] - y.back(), actions, o);
    eprop_learning_signal<double> signal;
    signal.error = error.data();
    signal.into = &gradient;
    pass.learn(signal);
  }
  expect_same(e.sum, gradient, net);
}

/// What follows the last decision: nothing where the world is over, the value of what is seen where only time is up.
TEST(ActorCriticRule, BootstrapsWhereTimeIsUpAndNotWhereTheWorldIsOver) {
  const network net(agent_case::one_body(10, 4));
  const auto parameters = agent_case::parameters_of<double>(net);
  const actor_critic_options o = agent_case::options();
  const eprop_feedback feedback(net, o.rule, parameters);
  eprop_model<double> model(net, o.rule, parameters, spike_mode::hard);
  model.refresh(feedback);
  const auto seen = agent_case::observations(2);
  const auto error_of_end = [&](const transition& t) {
    episode_learner<double> learner(model, o, agent_case::seen(), choices_of(3), 0);
    learner.act(seen[0]);
    learner.follow(t, seen[1]);
    return learner.absolute_errors;
  };
  episode_learner<double> onward(model, o, agent_case::seen(), choices_of(3), 0);
  const double first = onward.act(seen[0]).value;
  onward.follow({1.5}, {});
  const double second = onward.act(seen[1]).value;
  ASSERT_GT(std::fabs(second), 1e-3);
  EXPECT_DOUBLE_EQ(error_of_end({1.5, true, false}), std::fabs(1.5 - first));
  EXPECT_DOUBLE_EQ(error_of_end({1.5, false, true}), std::fabs(1.5 + o.gamma * second - first));
  EXPECT_DOUBLE_EQ(error_of_end({1.5, true, true}), std::fabs(1.5 - first)) << "over is over";
}

TEST(ActorCriticRule, AnEpisodeKnowsNothingOfTheOneBefore) {
  const network net(agent_case::one_body(10, 4, true));
  const auto parameters = agent_case::parameters_of<double>(net);
  const actor_critic_options o = agent_case::options();
  const eprop_feedback feedback(net, o.rule, parameters);
  eprop_model<double> model(net, o.rule, parameters, spike_mode::hard);
  model.refresh(feedback);
  episode_learner<double> learner(model, o, agent_case::seen(), choices_of(3), 0);
  const auto seen = agent_case::observations(4);
  const double value = learner.act(seen[0]).value;
  learner.follow({1.0}, {});
  learner.act(seen[1]);
  learner.follow({1.0, true}, {});
  learner.clear();
  EXPECT_EQ(learner.act(seen[0]).value, value);
  learner.follow({2.0, true}, {});
  EXPECT_DOUBLE_EQ(learner.absolute_errors, std::fabs(2.0 - value));
}

}  // namespace
}  // namespace backspike
