// Runs of a small agent: their files, what stops and resumes them, and what the control does not learn.

#include "small_agent.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/folder/checkpoint.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace backspike {
namespace {

using testing::HasSubstr;

struct listener : agent_observer {
  std::uint64_t stop_after = 0;  // rounds; 0: never
  std::uint64_t rounds = 0;
  std::vector<agent_record> records;
  std::uint64_t solved = 0;

  void on_round(const agent_progress&) override { ++rounds; }
  void on_record(const agent_record& r) override { records.push_back(r); }
  void on_solved(std::uint64_t decisions) override { solved = decisions; }
  bool stop_requested() override { return stop_after > 0 && rounds >= stop_after; }
};

class AgentRun : public testing::Test {
 protected:
  agent_result run(const std::string& name, const experiment& e, std::uint64_t stop_after = 0, bool resume = false,
                   std::size_t threads = 1) {
    run_options options;
    options.directory = folder_.at(name);
    options.resume = resume;
    options.threads = threads;
    heard_ = {};
    heard_.stop_after = stop_after;
    return train_agent(e, options, heard_);
  }
  std::string text(const std::string& run, const std::string& file) const {
    return read_text_file(folder_.at(run) + "/" + file);
  }
  void expect_same_runs(const std::string& one, const std::string& other) const {
    for (const char* file : {"checkpoint_initial.h5", "checkpoint_last.h5", "checkpoint_best.h5"}) {
      EXPECT_EQ(text(one, file), text(other, file)) << file;
    }
    EXPECT_EQ(without_seconds(text(one, "metrics.jsonl")), without_seconds(text(other, "metrics.jsonl")));
  }
  static std::vector<nlohmann::json> without_seconds(const std::string& lines) {
    std::vector<nlohmann::json> all;
    std::istringstream text(lines);
    for (std::string line; std::getline(text, line);) {
      all.push_back(nlohmann::json::parse(line));
      all.back().erase("seconds");
    }
    return all;
  }

  temporary_folder folder_;
  listener heard_;
};

TEST_F(AgentRun, FilesSayWhatTheRunSays) {
  const auto result = run("whole", small_agent({"agent.monitor=true"}));
  ASSERT_TRUE(result.finished);
  EXPECT_EQ(result.decisions, 4000U);
  EXPECT_EQ(heard_.records.size(), 3U);
  const auto summary = nlohmann::json::parse(text("whole", "summary.json"));
  EXPECT_EQ(summary.at("return").at("mean_100"), result.mean_return);
  EXPECT_EQ(summary.at("return").at("greedy_100"), result.greedy_return);
  EXPECT_TRUE(summary.at("return").at("solved_at").is_null());
  const auto lines = without_seconds(text("whole", "metrics.jsonl"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[2].at("return_100"), result.mean_return);
  EXPECT_EQ(lines[2].at("episodes"), result.episodes);
  EXPECT_GT(lines[2].at("rates").at("body").get<double>(), 0.0);
  EXPECT_GT(lines[0].at("td_error").get<double>(), 0.0);
  const auto monitor = text("whole", "monitor.csv");
  EXPECT_THAT(monitor, testing::StartsWith("#{\"t_start\":0.0,\"env_id\":\"CartPole-v1\"}\nr,l,t\n"));
  EXPECT_EQ(std::ranges::count(monitor, '\n'), static_cast<std::ptrdiff_t>(2 + result.episodes));
  EXPECT_THAT(text("whole", "report.html"), HasSubstr("\"environment\":\"CartPole-v1\""));
}

TEST_F(AgentRun, AStoppedRunGoesOnWithTheSameBits) {
  const auto e = small_agent({"agent.goal=15", "agent.monitor=true"});
  run("whole", e);
  ASSERT_GT(heard_.solved, 0U);
  for (const std::uint64_t rounds : {1U, 37U, 187U, 188U, 499U}) {  // within episodes, and between checkpoints
    const std::string name = "stopped" + std::to_string(rounds);
    const auto stopped = run(name, e, rounds);
    EXPECT_FALSE(stopped.finished);
    EXPECT_EQ(stopped.decisions, 8 * rounds);
    EXPECT_FALSE(is_there(folder_.at(name) + "/summary.json"));
    ASSERT_TRUE(run(name, e, 0, true).finished);
    expect_same_runs("whole", name);
    EXPECT_EQ(std::ranges::count(text(name, "monitor.csv"), '\n'),
              std::ranges::count(text("whole", "monitor.csv"), '\n'));
  }
}

/// What backpropagation needs of an episode is in the checkpoint, too; the network is recurrent, so that its gradient
/// is not quite what traces come to.
TEST_F(AgentRun, BackpropagationThroughTheEpisodeGoesOnWithTheSameBits) {
  const auto e = small_agent({"agent.rule=a2c", "agent.horizon=9", "agent.compare_gradients=true"});
  run("whole", e);
  run("stopped", e, 187);
  ASSERT_TRUE(run("stopped", e, 0, true).finished);
  expect_same_runs("whole", "stopped");
  for (const auto& line : without_seconds(text("whole", "metrics.jsonl"))) {
    EXPECT_GT(line.at("gradient_cosine").get<double>(), 0.2);
    EXPECT_LT(line.at("gradient_cosine").get<double>(), 0.9999);
  }
  EXPECT_THAT(text("whole", "summary.json"), HasSubstr("a2c, gamma 0.98, lambda 0.9, horizon 9"));
  EXPECT_THAT(text("whole", "report.html"), HasSubstr("\"gradient_cosine\":["));
}

TEST_F(AgentRun, PairsOfSpikesLearnInTheirWay) {
  for (const char* rule : {"stdp", "r_stdp"}) {
    const auto e = small_agent({std::string("agent.rule=") + rule});
    ASSERT_TRUE(run(rule, e).finished);
    EXPECT_NE(text(rule, "checkpoint_initial.h5"), text(rule, "checkpoint_last.h5"));
    EXPECT_THAT(text(rule, "metrics.jsonl"), testing::Not(HasSubstr("gradient_cosine")));
  }
  EXPECT_NE(text("stdp", "checkpoint_last.h5"), text("r_stdp", "checkpoint_last.h5"));
}

TEST_F(AgentRun, LinesThatACheckpointDoesNotKnowAreCutOff) {
  const auto e = small_agent();
  run("whole", e);
  run("killed", e, 250);
  write_text_file(folder_.at("killed") + "/metrics.jsonl", text("killed", "metrics.jsonl") + "{\"decisions\": 99}\n");
  ASSERT_TRUE(run("killed", e, 0, true).finished);
  expect_same_runs("whole", "killed");
}

TEST_F(AgentRun, AStepOfTheNetworkMayHaveAnyWidth) {
  EXPECT_TRUE(run("wide", small_agent({"environment.dt=10", "agent.steps=64"})).finished);
}

TEST_F(AgentRun, ThreadsChangeNoBit) {
  run("one", small_agent());
  run("two", small_agent(), 0, false, 2);
  expect_same_runs("one", "two");
}

TEST_F(AgentRun, TheTestPlaysTheCheckpointAtWhichItWasSolved) {
  const auto result = run("solved", small_agent({"agent.goal=15"}));
  ASSERT_TRUE(result.solved_at.has_value());
  EXPECT_EQ(*result.solved_at, heard_.solved);
  EXPECT_EQ(result.chosen_at, *result.solved_at);
  EXPECT_LT(*result.solved_at, 4000U);
  const trained_agent best = load_agent(folder_.at("solved"));
  EXPECT_EQ(best.decisions, *result.solved_at);
  const auto returns = evaluate_agent(best, 5, false, 4);
  EXPECT_EQ(std::accumulate(returns.begin(), returns.end(), 0.0) / 5.0, result.greedy_return);
  EXPECT_NE(evaluate_agent(best, 5, true, 4), returns) << "drawn actions are others";
}

TEST_F(AgentRun, TheControlLearnsTheReadoutOnly) {
  run("control", small_agent({"agent.learns=readout"}));
  run("all", small_agent());
  const auto changed = [&](const std::string& name, const std::string& parameter) {
    const auto first = read_checkpoint(folder_.at(name) + "/checkpoint_initial.h5");
    const auto last = read_checkpoint(folder_.at(name) + "/checkpoint_last.h5");
    const auto find = [&](const checkpoint& c) {
      return std::ranges::find(c.parameters, parameter, &named_tensor::name)->values;
    };
    return find(first) != find(last);
  };
  EXPECT_TRUE(changed("control", "policy.weight"));
  EXPECT_TRUE(changed("control", "value.weight"));
  EXPECT_FALSE(changed("control", "body.weight"));
  EXPECT_FALSE(changed("control", "body.bias"));
  EXPECT_TRUE(changed("all", "body.weight"));
  EXPECT_TRUE(changed("all", "body.bias"));
}

TEST_F(AgentRun, AFilmHasAStateForEveryDecisionAndOneMore) {
  run("filmed", small_agent());
  const agent_film film = film_of(load_agent(folder_.at("filmed")), 7, 3);
  ASSERT_EQ(film.actions.size(), 7U);
  EXPECT_EQ(film.states.size(), 8U);
  EXPECT_EQ(film.states[0].size(), 4U);
  for (const auto& policy : film.policy) {
    EXPECT_NEAR(policy[0] + policy[1], 1.0, 1e-6);
  }
  ASSERT_EQ(film.rasters.size(), 1U);
  EXPECT_FALSE(film.rasters[0].steps.empty());
  EXPECT_LT(*std::ranges::max_element(film.rasters[0].steps), 21U);
}

TEST_F(AgentRun, WhatIsRefusedIsNamed) {
  const auto e = small_agent();
  run("there", e, 5);
  EXPECT_THROW(run("there", e), value_error) << "a run is there";
  try {
    run("there", small_agent({"agent.gamma=0.5"}), 0, true);
    FAIL();
  } catch (const checkpoint_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("agent.gamma"));
  }
  run_observer quiet;
  EXPECT_THROW(train(e, {}, quiet), value_error);
}

}  // namespace
}  // namespace backspike
