// An agent in an experiment file: what is read, written and refused.

#include "small_agent.hpp"

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string refusal(const std::vector<std::string>& overrides, const std::string& text = small_agent_text) {
  try {
    parse_experiment(text, "test", overrides);
  } catch (const config_error& e) {
    return e.what();
  }
  return "";
}

TEST(AgentConfig, PolicyAndValueBecomeTheOutputs) {
  const experiment e = small_agent();
  ASSERT_TRUE(e.acts());
  ASSERT_EQ(e.network.outputs.size(), 2U);
  EXPECT_EQ(e.network.outputs[0].from, "policy");
  EXPECT_EQ(e.network.outputs[1].from, "value");
  const network net(network_for_agent(e));
  EXPECT_EQ(net.spec().inputs, 20U);
  EXPECT_EQ(net.output(0).units, 2U);
  EXPECT_EQ(net.output(1).units, 1U);
}

TEST(AgentConfig, OneLayerMayBeBoth) {
  const std::string text = R"(
[environment]
name = "Pendulum-v1"
[[network.layer]]
size = 4
[[network.layer]]
cell = "leaky_integrator"
)";
  const network net(network_for_agent(parse_experiment(text, "test")));
  EXPECT_EQ(net.outputs(), 3U) << "a mean, a spread, and the value";
}

TEST(AgentConfig, WhatIsWrittenReadsBackEqual) {
  const auto text = to_toml(small_agent({"agent.goal=195.5", "agent.learns=readout", "agent.monitor=true"}));
  EXPECT_EQ(to_toml(parse_experiment(text, "test")), text);
  EXPECT_THAT(text, HasSubstr("learns = \"readout\""));
  EXPECT_THAT(text, HasSubstr("goal = 195.5"));
  const auto other = to_toml(small_agent({"agent.rule=a2c", "agent.horizon=16", "environment.repeat=2"}));
  EXPECT_EQ(to_toml(parse_experiment(other, "test")), other);
  EXPECT_THAT(other, HasSubstr("rule = \"a2c\""));
  EXPECT_THAT(other, HasSubstr("horizon = 16"));
  EXPECT_THAT(text, Not(HasSubstr("[data]"))) << "an agent has none";
  EXPECT_THAT(text, Not(HasSubstr("[objective]")));
}

TEST(AgentConfig, AnExperimentWithDataSaysNothingOfAgents) {
  const auto e = parse_experiment("[[network.layer]]\nsize = 3\n[[network.layer]]\ncell = 'leaky_integrator'", "test");
  EXPECT_FALSE(e.acts());
  EXPECT_THAT(to_toml(e), Not(HasSubstr("[agent]")));
  EXPECT_THAT(to_toml(e), Not(HasSubstr("[environment")));
}

TEST(AgentConfig, SettingsOfAnEnvironmentAreItsOwn) {
  EXPECT_EQ(small_agent({"environment.name=TMaze-v0", "environment.encoder.low=[]", "environment.encoder.high=[]",
                         "environment.length=9"})
                .environment.settings.at("length"),
            9.0);
  EXPECT_THAT(refusal({"environment.length=9"}), HasSubstr("environment.length: is no setting of CartPole-v1"));
  EXPECT_THAT(refusal({"environment.name=TMaze-v0", "environment.length=9.5", "environment.encoder.low=[]",
                       "environment.encoder.high=[]"}),
              HasSubstr("a whole number"));
  EXPECT_THAT(refusal({"environment.repeat=3"}), HasSubstr("environment.repeat: is 3; accepted: what divides 500"));
}

TEST(AgentConfig, WhatIsRefusedIsNamed) {
  EXPECT_THAT(refusal({"environment.name=CartPole-v2"}), HasSubstr("did you mean CartPole-v1?"));
  EXPECT_THAT(refusal({"data.limit=5"}), HasSubstr("data.limit: does nothing where an agent acts in CartPole-v1"));
  EXPECT_THAT(refusal({"train.epochs=5"}), HasSubstr("train.epochs: does nothing"));
  EXPECT_THAT(refusal({"objective.loss=huber"}), HasSubstr("objective.loss: does nothing"));
  EXPECT_THAT(refusal({"agent.value="}), HasSubstr("agent.value: is empty; accepted: a layer, as agent.policy is"));
  EXPECT_THAT(refusal({"agent.value=nowhere"}), HasSubstr("agent.value: is \"nowhere\""));
  EXPECT_THAT(refusal({"network.layer.policy.size=3"}), HasSubstr("accepted: 2, one for each choice"));
  EXPECT_THAT(refusal({"environment.encoder.low=[1]"}), HasSubstr("one for each number of an observation"));
  EXPECT_THAT(refusal({"agent.gamma=1.5"}), HasSubstr("agent.gamma"));
  EXPECT_THAT(refusal({}, "[agent]\ngamma = 0.5\n[[network.layer]]\nsize = 3\n"),
              HasSubstr("agent.gamma: does nothing without an environment"));
}

}  // namespace
}  // namespace backspike
