// Advantage actor-critic by backpropagation through the episode: against the dense path, beside the three-factor rule,
// with the same bits at any number of threads and after going on.

#include "policy_gradient.hpp"

#include "online/actor_critic/episode_tape.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/agent_loop.hpp>
#include <backspike/online/online_learner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

actor_critic_options a2c() {
  actor_critic_options o = agent_case::options();
  o.kind = agent_rule::a2c;
  o.lambda = 0.7;
  o.entropy = 0.2;
  o.optimiser = plain_sgd(1.0);
  return o;
}

/// Plays `length` decisions of one environment; the last one ends the episode if it `ends`.
agent_case::episode live(actor_critic& agent, const network& net, std::size_t length, bool ends) {
  agent_case::episode e{agent_case::observations(length), {}, {}, arena<double>(net.parameters())};
  random_stream draws(2, random_purpose::test);
  for (std::size_t t = 0; t < length; ++t) {
    e.decisions.push_back(agent.act(0, e.observations[t]));
    e.rewards.push_back(draws.normal());
    agent.follow(0, {e.rewards.back(), ends && t + 1 == length, false}, {});
  }
  return e;
}

/// What the first update takes away from the parameters, at a rate of 1, is the gradient of the dense path. Of an
/// episode that goes on the last decision waits: its value is what the one before is judged by, and only its entropy
/// counts.
void expect_dense_gradient(const network_spec& spec, const space& actions, actor_critic_options options, bool ends) {
  const std::size_t length = 10;
  options.every = static_cast<std::uint32_t>(length);
  const network net(spec);
  const auto initial = agent_case::parameters_of<float>(net);
  actor_critic agent(net, agent_case::seen(), actions, initial, options, 1);
  auto e = live(agent, net, length, ends);
  agent.update();
  arena<float> moved(net.parameters());
  for (std::size_t k = 0; k < moved.values().size(); ++k) {
    moved.values()[k] = initial.values()[k] - agent.parameters().values()[k];
  }
  auto advantage = agent_case::advantages(e, options);
  if (!ends) {
    const double last_value = e.decisions.back().value;
    auto judged = e;
    judged.rewards.pop_back();
    judged.rewards.back() += options.gamma * last_value;
    advantage = agent_case::advantages(judged, options);
    advantage.push_back(0.0);
  }
  const auto expected =
      agent_case::by_bptt(net, agent_case::parameters_of<double>(net), e, options, actions, advantage, 1e-4);
  agent_case::expect_same(moved, expected, net, 2e-4);
}

TEST(A2c, TheFirstUpdateIsTheGradientOfTheDensePath) {
  for (const bool ends : {true, false}) {
    expect_dense_gradient(agent_case::one_body(10, 4, true), choices_of(3), a2c(), ends);
    expect_dense_gradient(agent_case::one_body(10, 5), box({1.0, 2.0}), a2c(), ends);
  }
}

struct cart_poles {
  network net;
  arena<float> initial = agent_case::parameters_of<float>(net);
  actor_critic agent;
  agent_loop loop;

  cart_poles(const actor_critic_options& o, const network_spec& spec, std::size_t threads = 1)
      : net(spec),
        agent(net, make_environment("CartPole-v1")->plan().observations, choices_of(2), initial, o, 3, threads),
        loop(agent, worlds(), 4) {}

  static std::vector<std::unique_ptr<environment>> worlds() {
    std::vector<std::unique_ptr<environment>> all;
    for (int i = 0; i < 3; ++i) {
      all.push_back(make_environment("CartPole-v1"));
    }
    return all;
  }

  void run(int rounds) {
    for (int n = 0; n < rounds; ++n) {
      loop.round();
    }
  }
};

actor_critic_options on_cart_pole(agent_rule kind) {
  actor_critic_options o = agent_case::options();
  o.kind = kind;
  o.lambda = 0.9;
  o.reward_scale = 0.05;
  o.observation.low = {-2.4, -3.0, -0.21, -3.0};
  o.observation.high = {2.4, 3.0, 0.21, 3.0};
  return o;
}

/// Weights that hardly move: what the traces came to is backpropagation of the same errors, over many updates in which
/// episodes end and begin; with recurrence it is not.
TEST(A2c, TheRuleAgreesWithItWhereNothingIsRecurrent) {
  actor_critic_options o = on_cart_pole(agent_rule::actor_critic);
  o.optimiser = plain_sgd(1e-12);
  o.compare = true;
  cart_poles forward(o, agent_case::two_bodies(20, 3)), recurrent(o, agent_case::one_body(20, 3, true));
  for (int n = 0; n < 20; ++n) {
    forward.run(1);
    recurrent.run(1);
    EXPECT_NEAR(forward.agent.gradient_cosine(), 1.0, 1e-5);
    EXPECT_LT(recurrent.agent.gradient_cosine(), 0.9999);
    EXPECT_GT(recurrent.agent.gradient_cosine(), 0.3);
  }
}

void expect_same_bits(const actor_critic& a, const actor_critic& b) {
  const auto x = a.save(), y = b.save();
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    EXPECT_EQ(x[k].values, y[k].values) << x[k].name;
  }
}

TEST(A2c, HasTheSameBitsAtAnyNumberOfThreadsAndAfterGoingOn) {
  for (const std::uint32_t horizon : {0U, 5U}) {
    actor_critic_options o = on_cart_pole(agent_rule::a2c);
    o.horizon = horizon;
    o.compare = horizon == 0;
    const network_spec spec = agent_case::one_body(20, 3, true);
    cart_poles whole(o, spec), three(o, spec, 3), first(o, spec), second(o, spec);
    whole.run(15);
    three.run(15);
    expect_same_bits(whole.agent, three.agent);
    first.run(7);
    double most = 0.0;
    for (const auto& world : first.loop.save()) {
      most = std::max(most, world.back());
    }
    ASSERT_GT(most, 6.0) << "in the middle of an episode";
    second.run(3);
    second.agent.restore(first.agent.save());
    second.loop.restore(first.loop.save());
    second.run(8);
    expect_same_bits(whole.agent, second.agent);
    EXPECT_FALSE(std::ranges::equal(whole.agent.parameters().values(), whole.initial.values()));
  }
}

TEST(A2c, RefusesWhatCannotRunAgain) {
  network_spec noisy = agent_case::two_bodies(20, 3);
  noisy.layers[0].noise = 0.1;
  try {
    const cart_poles made(on_cart_pole(agent_rule::a2c), noisy);
    FAIL();
  } catch (const value_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("a2c = a network with dropout or noise"));
  }
}

/// Two numbers of input a decision and one of action.
TEST(EpisodeTape, KeepsWhatTheNextUpdateNeeds) {
  episode_tape tape(2, 1);
  const auto decide = [&](float x) {
    tape.show(std::vector{x, -x});
    tape.decide(std::vector{static_cast<double>(10.0F * x)});
  };
  decide(1.0F);
  tape.judge(0.5);
  tape.end();
  for (const float x : {2.0F, 3.0F, 4.0F}) {
    decide(x);
  }
  tape.judge(0.1);
  tape.judge(0.2);
  std::vector<taped_episode> seen;
  tape.each([&](const taped_episode& e) { seen.push_back(e); });
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].errors, std::vector{0.5});
  EXPECT_EQ(seen[1].made, 0U);
  tape.clear(1);
  decide(5.0F);
  seen.clear();
  tape.each([&](const taped_episode& e) { seen.push_back(e); });
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].actions, (std::vector{30.0F, 40.0F, 50.0F}));
  EXPECT_EQ(seen[0].inputs.front(), 3.0F);
  EXPECT_EQ(seen[0].made, 2U);
  EXPECT_EQ(seen[0].judged, 1U);
  EXPECT_TRUE(seen[0].errors.empty());
  tape.abandon();
  seen.clear();
  tape.each([&](const taped_episode& e) { seen.push_back(e); });
  EXPECT_EQ(seen[0].decisions, 2U) << "the one that waited never was";
}

}  // namespace
}  // namespace backspike
