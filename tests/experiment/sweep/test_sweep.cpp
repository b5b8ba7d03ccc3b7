// What a sweep is made of: values, grid, table. Whole sweeps are run through the program, in tests/cli.

#include <backspike/experiment/sweep.hpp>

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using state = sweep_outcome::state;

std::string refusal(const std::string& text) {
  try {
    parse_axis(text);
  } catch (const value_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(SweepAxis, ListsAndRanges) {
  const auto axis = parse_axis("objective.rate_penalty=0,1e-6:1e-2:log5");
  EXPECT_EQ(axis.key, "objective.rate_penalty");
  EXPECT_THAT(axis.values, ElementsAre("0", "1e-6", "1e-05", "0.0001", "0.001", "1e-2"));
  EXPECT_THAT(parse_axis("a=1:100:log4").values, ElementsAre("1", "4.642", "21.54", "100"))
      << "four digits, so that tables can be read; the ends as they were typed";
  EXPECT_THAT(parse_axis("a=16:64:lin4").values, ElementsAre("16", "32", "48", "64")) << "whole numbers stay whole";
  EXPECT_THAT(parse_axis("a=0:1:lin11").values[3], "0.3") << "not 0.30000000000000004";
  EXPECT_THAT(parse_axis("a = -1:-100:log3 , adam").values, ElementsAre("-1", "-10", "-100", "adam"));
  EXPECT_THAT(parse_axis("a=10:1:lin3").values, ElementsAre("10", "5.5", "1"));
}

TEST(SweepAxis, ValuesThatHaveCommasAndColons) {
  EXPECT_THAT(parse_axis("a=[1, 2],{k = \"x,y\"},'p,q'").values, ElementsAre("[1, 2]", "{k = \"x,y\"}", "'p,q'"));
  EXPECT_THAT(parse_axis("data.path=C:/data,\"1:2\"").values, ElementsAre("C:/data", "\"1:2\""));
}

TEST(SweepAxis, WhatIsRefusedIsNamed) {
  EXPECT_THAT(refusal("rate_penalty"), HasSubstr("--over = rate_penalty"));
  EXPECT_THAT(refusal("=1,2"), HasSubstr("KEY=VALUES"));
  EXPECT_THAT(refusal("a="), HasSubstr("at least one value"));
  EXPECT_THAT(refusal("a=1,,2"), HasSubstr("at least one value"));
  EXPECT_THAT(refusal("a=1,2,1"), HasSubstr("1 twice"));
  EXPECT_THAT(refusal("a=0:1:log3"), HasSubstr("ends above 0"));
  EXPECT_THAT(refusal("a=-1:1:log3"), HasSubstr("a = -1:1:log3"));
  EXPECT_THAT(refusal("a=2:2:lin3"), HasSubstr("different"));
  EXPECT_THAT(refusal("a=1:inf:lin3"), HasSubstr("finite"));
  EXPECT_THAT(refusal("a=1:2:lin1"), HasSubstr("2 to 1000"));
  EXPECT_THAT(refusal("a=1:2:lin2000"), HasSubstr("2 to 1000"));
  for (const char* text : {"a=1:2", "a=1:2:3", "a=1:2:cub3", "a=1:x:lin3", "a=1:2:lin", "a=1:2:lin3:4"}) {
    EXPECT_THAT(refusal(text), HasSubstr("LOW:HIGH:logN")) << text;
  }
}

class Sweep : public testing::Test {
 protected:
  Sweep() {
    write_text_file(path(), R"(
      name = "small"
      seed = 5
      [data]
      source = "evidence_accumulation"
      [[network.layer]]
      cell = "lif"
      size = 8
      [[network.layer]]
      cell = "leaky_integrator")");
  }
  std::string path() const { return folder_.at("small.toml"); }
  std::string folder() const { return folder_.path().string(); }

  sweep_plan plan(const std::vector<std::string>& over, std::uint64_t seeds,
                  const std::vector<std::string>& overrides = {}) const {
    sweep_request request{path(), overrides, {}, seeds};
    for (const auto& text : over) {
      request.axes.push_back(parse_axis(text));
    }
    return plan_sweep(request);
  }
  std::string refusal(const std::vector<std::string>& over, std::uint64_t seeds,
                      const std::vector<std::string>& overrides = {}) const {
    try {
      plan(over, seeds, overrides);
    } catch (const user_error& e) {
      return e.what();
    }
    return "accepted";
  }

 private:
  temporary_folder folder_;
};

TEST_F(Sweep, TheGridHasEveryCombinationWithEverySeed) {
  const auto p = plan({"train.batch=8,16", "optimiser.kind=adam,sgd"}, 3, {"train.epochs=2"});
  ASSERT_EQ(p.points.size(), 4u);
  EXPECT_THAT(p.points[1], ElementsAre("8", "sgd")) << "the last axis changes fastest";
  EXPECT_THAT(p.seeds, ElementsAre(5, 6, 7));
  ASSERT_EQ(p.members.size(), 12u);
  EXPECT_EQ(p.members[4].point, 0u) << "every point with the first seed before the second";
  EXPECT_EQ(p.members[4].directory, "train.batch=8,optimiser.kind=adam/seed6");
  EXPECT_EQ(p.members[11].settings.train.batch, 16u);
  EXPECT_EQ(p.members[11].settings.optimiser.kind, optimiser_kind::sgd);
  EXPECT_EQ(p.members[11].settings.seed, 7u);
  EXPECT_EQ(p.members[11].settings.train.epochs, 2u);
  EXPECT_EQ(point_text(p, 1), "train.batch = 8, optimiser.kind = sgd");
  EXPECT_EQ(plan({}, 2).members[1].directory, "seed6") << "seeds alone are a sweep";
}

TEST_F(Sweep, DirectoriesAreNamesOfFilesAndDiffer) {
  const auto p = plan({"data.path=/a/b,/a_b"}, 1);
  EXPECT_EQ(p.members[0].directory, "data.path=_a_b/seed5");
  EXPECT_EQ(p.members[1].directory, "data.path=_a_b-2/seed5");
  const auto far = plan({"data.path=" + std::string(400, 'x')}, 1);
  EXPECT_LT(far.members[0].directory.size(), 200u);
}

TEST_F(Sweep, WhatIsRefusedIsNamed) {
  EXPECT_THAT(refusal({"train.batch=1"}, 0), HasSubstr("--seeds = 0"));
  EXPECT_THAT(refusal({}, 1), HasSubstr("--over = nothing"));
  EXPECT_THAT(refusal({"seed=1,2"}, 1), HasSubstr("--seeds"));
  EXPECT_THAT(refusal({"train.batch=1", "train.batch=2"}, 1), HasSubstr("train.batch twice"));
  EXPECT_THAT(refusal({"train.batch=1"}, 1, {"train.batch = 4"}), HasSubstr("train.batch = 4"));
  EXPECT_THAT(refusal({"train.batch=1:900:lin900"}, 100), HasSubstr("10000"));
  EXPECT_THAT(refusal({"train.batch=1,2"}, std::uint64_t{1} << 63), HasSubstr("10000"));
  EXPECT_THAT(refusal({"train.batchh=1,2"}, 1), HasSubstr("--over: train.batchh: unknown key; did you mean batch?"));
  EXPECT_THAT(refusal({"train.batch=8,0"}, 1), HasSubstr("--over: train.batch: is 0"));
  EXPECT_THAT(refusal({"train.batch=8:9:lin3"}, 1), HasSubstr("--over: train.batch: is 8.5"));
  EXPECT_THAT(refusal({"train.batch=1"}, 2, {"trainn=1"}), HasSubstr("--set: trainn"));
  EXPECT_THAT(refusal({"train.batch=1"}, 2, {"seed=4611686018427387904"}), HasSubstr("room for 2"));
}

/// Points 0, 1e-3 and 1e-2 with three seeds; the first seed of the second failed.
sweep_table small_table(const sweep_plan& p) {
  std::vector<sweep_outcome> outcomes(9);
  const std::vector<std::array<double, 3>> figures{{0.90, 100, 1000}, {0.895, 20, 400}, {0.80, 5, 300}};
  for (std::size_t m = 0; m < 9; ++m) {
    const auto& [accuracy, spikes, operations] = figures[m % 3];
    const double seed = static_cast<double>(m / 3) - 1;  // -1, 0, 1
    outcomes[m] = {state::finished, "", {accuracy + 0.01 * seed, 0.5, spikes + seed, operations, 0.9, 2.0}};
  }
  outcomes[1] = {state::failed, "weights, \"not finite\" (exit code 7)", {}};
  return tabulate(p, outcomes);
}

TEST_F(Sweep, MeansAndDeviationsAreOverTheFinishedSeeds) {
  const auto t = small_table(plan({"objective.rate_penalty=0,1e-3,1e-2"}, 3));
  ASSERT_EQ(t.points.size(), 3u);
  EXPECT_DOUBLE_EQ(t.points[0].figures[0].mean, 0.90);
  EXPECT_NEAR(t.points[0].figures[0].deviation, 0.01, 1e-12) << "of -1, 0 and 1 hundredths, with n - 1";
  EXPECT_EQ(t.points[1].finished, 2u);
  EXPECT_EQ(t.points[1].failed, 1u);
  EXPECT_DOUBLE_EQ(t.points[1].figures[2].mean, 20.5);
  EXPECT_DOUBLE_EQ(t.points[1].figures[2].deviation, std::sqrt(0.5));
  const auto one = tabulate(plan({"train.batch=8"}, 1), {sweep_outcome{state::finished, "", {0.5, 1, 2, 3, 4, 5}}});
  EXPECT_EQ(one.points[0].figures[0].mean, 0.5);
  EXPECT_TRUE(std::isnan(one.points[0].figures[0].deviation)) << "one seed has no spread";
  const auto none = tabulate(plan({"train.batch=8"}, 1), {sweep_outcome{}});
  EXPECT_TRUE(std::isnan(none.points[0].figures[0].mean));
  EXPECT_THROW(tabulate(t.plan, {}), shape_error);
}

TEST_F(Sweep, TheSentenceNamesTheSparsestPointWithinOnePoint) {
  const auto text = sparsest_text(small_table(plan({"objective.rate_penalty=0,1e-3,1e-2"}, 3)));
  EXPECT_THAT(text, HasSubstr("objective.rate_penalty = 1e-3 spikes least: 20.5 spikes per sample, 4.9 times fewer"));
  EXPECT_EQ(sparsest_text(tabulate(plan({"train.batch=8,9"}, 1), {{}, {}})), "") << "nothing ran";
}

TEST_F(Sweep, TextAndFilesSayTheSame) {
  const auto t = small_table(plan({"objective.rate_penalty=0,1e-3,1e-2"}, 3));
  const auto text = to_text(t);
  EXPECT_THAT(text, HasSubstr("90.00 \u00b1 1.00"));
  EXPECT_THAT(text, HasSubstr("2 of 3"));
  EXPECT_THAT(text, HasSubstr("failed: objective.rate_penalty = 1e-3, seed 5: weights"));
  EXPECT_THAT(points_csv(t), HasSubstr("objective.rate_penalty,finished,failed,unfinished,accuracy_mean"));
  EXPECT_THAT(points_csv(t), HasSubstr("\n1e-3,2,1,0,0.9"));
  EXPECT_THAT(members_csv(t), HasSubstr("1e-3,5,objective.rate_penalty=1e-3/seed5,failed,,,,,,,\"weights, "
                                        "\"\"not finite\"\" (exit code 7)\"\n"));
  const auto json = nlohmann::json::parse(to_json(t));
  EXPECT_EQ(json.at("points").at(0).at("figures").at("spikes_per_sample").at("mean"), 100);
  EXPECT_EQ(json.at("members").at(1).at("state"), "failed");
  EXPECT_EQ(json.at("members").at(2).at("accuracy"), 0.79);
  const auto page = to_html(t);
  EXPECT_THAT(page, HasSubstr("8 of 9 runs finished, 1 failed; 3 seeds at each point"));
  EXPECT_THAT(page, HasSubstr("&quot;not finite&quot;"));
}

TEST_F(Sweep, ADirectoryIsPreparedAndLocked) {
  const auto p = plan({"train.batch=8,9"}, 1);
  const auto out = folder() + "/out";
  {
    const sweep_directory directory(out, p, false, false);
    EXPECT_FALSE(is_there(directory.member(p.members[1]))) << "made when its run starts";
    directory.prepare(p.members[1]);
    EXPECT_EQ(read_text_file(out + "/train.batch=9/seed5/experiment.toml"), to_toml(p.members[1].settings));
    EXPECT_EQ(directory.outcomes(p)[0].ended, state::unfinished);
    EXPECT_THROW(sweep_directory(out, p, true, false), file_error) << "another process runs it";
  }
  EXPECT_THROW(sweep_directory(out, p, false, false), value_error) << "it holds a sweep";
  const auto other = plan({"train.batch=8,9"}, 1, {"train.epochs=3"});
  try {
    const sweep_directory directory(out, other, true, false);
    ADD_FAILURE() << "resumed with another experiment";
  } catch (const checkpoint_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("train.epochs"));
  }
  const sweep_directory directory(out, other, false, true);
  EXPECT_FALSE(is_there(directory.member(p.members[1]))) << "overwritten";
  directory.prepare(other.members[0]);
  directory.prepare(other.members[1]);
  EXPECT_EQ(read_text_file(out + "/train.batch=9/seed5/experiment.toml"), to_toml(other.members[1].settings));
  write_text_file(directory.member(other.members[0]) + "/summary.json", "{\"version\":");
  EXPECT_THROW(directory.outcomes(other), format_error);
}

TEST_F(Sweep, ADamagedMemberIsNamedWithItsDirectory) {
  const auto p = plan({"train.batch=8,9"}, 1);
  const auto out = folder() + "/out";
  sweep_directory(out, p, false, false).prepare(p.members[1]);
  const auto file = out + "/train.batch=9/seed5/experiment.toml";
  write_text_file(file, "seed = 1\n[=");
  try {
    const sweep_directory directory(out, p, true, false);
    ADD_FAILURE() << "resumed";
  } catch (const config_error& e) {
    EXPECT_THAT(e.what(), HasSubstr(file + ":2"));
  }
}

}  // namespace
}  // namespace backspike
