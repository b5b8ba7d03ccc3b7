// The agents of the repository, each for a moment: that they fit their worlds, act, and write what they write.

#include <backspike/core/file.hpp>
#include <backspike/experiment/agent_run.hpp>

#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace backspike {
namespace {

class AgentExperiments : public testing::TestWithParam<const char*> {};

TEST_P(AgentExperiments, ActAndLearn) {
  const temporary_folder folder;
  const auto e = load_experiment(source_folder() + "/experiments/" + GetParam() + ".toml",
                                 {"agent.steps=600", "agent.test_episodes=1"});
  EXPECT_EQ(e.name, GetParam());
  EXPECT_TRUE(e.agent.goal.has_value());
  run_options options;
  options.directory = folder.at("run");
  options.threads = 1;
  agent_observer quiet;
  const auto result = train_agent(e, options, quiet);
  EXPECT_TRUE(result.finished);
  EXPECT_GE(result.decisions, 600U);
  ASSERT_FALSE(result.rates.empty());
  EXPECT_TRUE(std::ranges::all_of(result.rates, [](const layer_rate_hz& r) { return r.rate > 0.1; })) << "they spike";
  const std::string run = folder.at("run");
  EXPECT_NE(read_text_file(run + "/checkpoint_initial.h5"), read_text_file(run + "/checkpoint_last.h5"));
}

INSTANTIATE_TEST_SUITE_P(Shipped, AgentExperiments,
                         testing::Values("cartpole", "cartpole_readout", "acrobot", "mountain_car", "pendulum",
                                         "t_maze"),
                         [](const auto& p) { return std::string(p.param); });

}  // namespace
}  // namespace backspike
