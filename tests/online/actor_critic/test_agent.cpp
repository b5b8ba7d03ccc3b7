// An actor and critic in its loop: learning, the same bits at any number of threads and after going on, and what it
// refuses.

#include "agent_case.hpp"

#include <backspike/core/error.hpp>
#include <backspike/online/agent_loop.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

std::vector<std::unique_ptr<environment>> worlds(const std::string& name, std::size_t count) {
  std::vector<std::unique_ptr<environment>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(make_environment(name));
  }
  return all;
}

actor_critic_options cart_pole_options() {
  actor_critic_options o = agent_case::options();
  o.observation.low = {-2.4, -3.0, -0.21, -3.0};
  o.observation.high = {2.4, 3.0, 0.21, 3.0};
  o.lambda = 0.9;
  o.reward_scale = 0.05;
  o.entropy = 0.01;
  return o;
}

/// On CartPole-v1 with three environments.
struct cart_pole_agent {
  network net{agent_case::two_bodies(20, 3)};
  arena<float> initial = agent_case::parameters_of<float>(net);
  actor_critic agent;
  agent_loop loop;

  explicit cart_pole_agent(std::size_t threads, const actor_critic_options& o = cart_pole_options())
      : agent(net, make_environment("CartPole-v1")->plan().observations, choices_of(2), initial, o, 3, threads),
        loop(agent, worlds("CartPole-v1", 3), 4) {}

  std::vector<double> run(int rounds) {
    std::vector<double> returns;
    for (int n = 0; n < rounds; ++n) {
      for (const episode_result& e : loop.round()) {
        returns.push_back(e.reward);
      }
    }
    return returns;
  }
};

void expect_same_bits(const actor_critic& a, const actor_critic& b) {
  const auto x = a.save(), y = b.save();
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t k = 0; k < x.size(); ++k) {
    EXPECT_EQ(x[k].name, y[k].name);
    EXPECT_EQ(x[k].values, y[k].values) << x[k].name;
  }
}

TEST(ActorCritic, HasTheSameBitsAtAnyNumberOfThreads) {
  cart_pole_agent one(1), three(3);
  const auto returns = one.run(60);
  EXPECT_EQ(returns, three.run(60));
  EXPECT_GT(returns.size(), 10U);
  expect_same_bits(one.agent, three.agent);
  EXPECT_FALSE(std::ranges::equal(one.agent.parameters().values(), one.initial.values()));
}

TEST(ActorCritic, GoesOnInTheMiddleOfAnEpisodeWithTheSameBits) {
  for (const feedback_kind kind : {feedback_kind::symmetric, feedback_kind::adaptive}) {
    actor_critic_options o = cart_pole_options();
    o.rule.feedback = kind;
    cart_pole_agent whole(1, o), first(1, o), second(1, o);
    whole.run(23);
    first.run(11);
    ASSERT_GT(first.loop.save()[0].back(), 0.0) << "in the middle of an episode";
    second.run(3);  // whatever it did before
    second.agent.restore(first.agent.save());
    second.loop.restore(first.loop.save());
    second.run(12);
    expect_same_bits(whole.agent, second.agent);
    EXPECT_EQ(whole.loop.save(), second.loop.save());
  }
}

TEST(ActorCritic, ItsStateDoesNotGrowWithTheEpisode) {
  cart_pole_agent of(1);
  const auto size = [&] {
    const auto saved = of.agent.save();
    return std::accumulate(saved.begin(), saved.end(), std::size_t{0},
                           [](std::size_t sum, const named_tensor& t) { return sum + t.values.size(); });
  };
  of.run(2);
  const std::size_t before = size();
  of.run(50);
  EXPECT_EQ(size(), before);
}

/// Of a bandit, whose last arm pays best.
double mean_reward(std::size_t rounds, const actor_critic_options& o) {
  const network net(agent_case::one_body(5, 4));
  const auto world = make_environment("Bandit-v0");
  actor_critic agent(net, world->plan().observations, world->plan().actions, agent_case::parameters_of<float>(net), o,
                     2);
  agent_loop loop(agent, worlds("Bandit-v0", 2), 1);
  for (std::size_t n = 0; n < rounds; ++n) {
    loop.round();
  }
  const auto returns = play(agent, *world, 30, true, 5);
  return std::accumulate(returns.begin(), returns.end(), 0.0) / 300.0;
}

TEST(ActorCritic, LearnsWhichArmPays) {
  actor_critic_options o = agent_case::options();
  o.observation.low = {0.0};
  o.observation.high = {2.0};
  o.gamma = 0.0;
  o.optimiser.learning_rate = 1e-2;
  EXPECT_LT(mean_reward(0, o), 0.75);
  EXPECT_GT(mean_reward(500, o), 0.83);
}

TEST(ActorCritic, APlayerChangesNothingAndRepeatsItself) {
  actor_critic_options o = cart_pole_options();
  o.logit_limit = 0.5;  // no action is certain
  cart_pole_agent of(1, o);
  of.run(5);
  const auto before = of.agent.save();
  const auto world = make_environment("CartPole-v1");
  const auto greedy = play(of.agent, *world, 5, false, 1), drawn = play(of.agent, *world, 5, true, 1);
  EXPECT_EQ(greedy, play(of.agent, *world, 5, false, 1));
  EXPECT_EQ(drawn, play(of.agent, *world, 5, true, 1));
  EXPECT_NE(greedy, drawn);
  const auto after = of.agent.save();
  for (std::size_t k = 0; k < before.size(); ++k) {
    EXPECT_EQ(before[k].values, after[k].values);
  }
}

std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const user_error& e) {
    return e.what();
  }
  return "";
}

TEST(ActorCritic, RefusesWhatItCannotSeeAndKeepsWhatItLearned) {
  cart_pole_agent of(1);
  of.run(3);
  const auto before = of.agent.save();
  const std::vector<float> bad{0.0F, std::numeric_limits<float>::quiet_NaN(), 0.0F, 0.0F};
  EXPECT_THAT(refusal([&] { of.agent.act(0, bad); }), HasSubstr("observation, number 1 = nan"));
  EXPECT_THAT(refusal([&] { of.agent.act(0, std::vector<float>(3)); }), HasSubstr("[4]"));
  EXPECT_THAT(refusal([&] { of.agent.follow(0, {std::nan("")}, {}); }), HasSubstr("reward = nan"));
  const auto after = of.agent.save();
  for (std::size_t k = 0; k < before.size(); ++k) {
    EXPECT_EQ(before[k].values, after[k].values) << before[k].name;
  }
}

TEST(ActorCritic, RefusesSettingsThatDoNotFit) {
  const network net(agent_case::two_bodies(20, 3));
  const auto initial = agent_case::parameters_of<float>(net);
  const space observations = make_environment("CartPole-v1")->plan().observations;
  const auto text = [&](const auto& change, const space& actions = choices_of(2)) {
    actor_critic_options o = cart_pole_options();
    change(o);
    return refusal([&] { const actor_critic made(net, observations, actions, initial, o, 1); });
  };
  EXPECT_EQ(text([](auto&) {}), "");
  EXPECT_THAT(text([](auto& o) { o.gamma = 1.5; }), HasSubstr("gamma = 1.5 (accepted: 0 to 1)"));
  EXPECT_THAT(text([](auto& o) { o.lambda = -0.1; }), HasSubstr("lambda"));
  EXPECT_THAT(text([](auto& o) { o.frame = 0; }), HasSubstr("frame = 0"));
  EXPECT_THAT(text([](auto& o) { o.observation.fields = 6; }), HasSubstr("inputs of the network = 20 (accepted: 24"));
  EXPECT_THAT(text([](auto&) {}, choices_of(3)), HasSubstr("readout.size = 3 (accepted: 4: 3, one logit"));
  EXPECT_THAT(text([](auto&) {}, box({1.0, 1.0})), HasSubstr("a mean and a spread"));
  EXPECT_THAT(text([](auto& o) {
                o.frame = 1;
                o.rule.rates = {{"actor", 10.0, 1.0}};
              }),
              HasSubstr("at least 2 where rates are held"));
}

}  // namespace
}  // namespace backspike
