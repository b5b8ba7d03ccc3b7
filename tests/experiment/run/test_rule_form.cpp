// Which form of e-prop a run takes: said at its start and in its summary, and kept when it is resumed.

#include <backspike/core/file.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/experiment/rule_text.hpp>
#include <backspike/experiment/runner.hpp>

#include "experiment/small_runs.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace backspike {
namespace {

using testing::HasSubstr;

TEST(RuleText, NamesWhatTheMachineDecided) {
  rule_spec rule;
  EXPECT_EQ(rule_text(rule, 100), "bptt");
  rule = {rule_kind::checkpointed_bptt, checkpoint_kind::automatic, 25};
  EXPECT_EQ(rule_text(rule, 100), "checkpointed_bptt, checkpoints every 25 steps");
  EXPECT_EQ(rule_text(rule, 25), "checkpointed_bptt") << "samples end before the second one";
  rule.kind = rule_kind::eprop;
  EXPECT_EQ(rule_text(rule, 100), "eprop, backward form, checkpoints every 25 steps");
  EXPECT_EQ(rule_text(rule, 20), "eprop, backward form");
  rule.form = eprop_form::forward;
  EXPECT_EQ(rule_text(rule, 100), "eprop, forward form");
  rule.kind = rule_kind::truncated_bptt;
  EXPECT_EQ(rule_text(rule, 100), "truncated_bptt, 64 steps back from every 32");
}

/// Stops after some epochs.
struct listener : run_observer {
  run_start start;
  std::uint32_t epochs = 0, last;
  explicit listener(std::uint32_t n) : last(n) {}
  void on_start(const run_start& s) override { start = s; }
  void on_epoch(const epoch_record&, std::uint32_t) override { ++epochs; }
  bool stop_requested() override { return epochs >= last; }
};

class RuleForm : public testing::Test {
 protected:
  std::string path(const std::string& run, const std::string& file) const { return folder_.at(run + "/" + file); }

  run_start go(const std::string& run, const experiment& e, bool resume, std::uint32_t epochs = 100) {
    run_options options;
    options.directory = folder_.at(run);
    options.resume = resume;
    listener heard(epochs);
    const run_result result = train(e, options, heard);
    EXPECT_EQ(result.finished, epochs >= e.train.epochs);
    return heard.start;
  }

  std::vector<named_tensor> parameters(const std::string& run) const {
    return read_checkpoint(path(run, "checkpoint_last.h5")).parameters;
  }

 private:
  temporary_folder folder_;
};

bool same(const std::vector<named_tensor>& a, const std::vector<named_tensor>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.values == y.values; });
}

TEST_F(RuleForm, IsSaidAndKeptByAResumedRun) {
  experiment e = small_trials({"rule.kind=eprop", "train.epochs=4"});
  const run_start start = go("auto", e, false);
  EXPECT_EQ(start.rule_in_words, "eprop, backward form");
  EXPECT_THAT(read_text_file(path("auto", "summary.json")), HasSubstr("eprop, backward form"));
  EXPECT_THAT(read_text_file(path("auto", "report.html")), HasSubstr("eprop, backward form"));

  go("parts", e, false, 2);
  EXPECT_EQ(go("parts", e, true).rule_in_words, "eprop, backward form");
  EXPECT_TRUE(same(parameters("parts"), parameters("auto")));

  // One that began as a machine of little memory would have begun it.
  e.rule.form = eprop_form::forward;
  go("forward", e, false);
  go("little", e, false, 2);
  EXPECT_FALSE(same(parameters("forward"), parameters("auto"))) << "their bits differ";
  e.rule.form = eprop_form::automatic;
  checkpoint c = read_checkpoint(path("little", "checkpoint_last.h5"));
  EXPECT_EQ(c.scalars.at("eprop_backward"), 0.0);
  c.experiment = to_toml(e);
  write_checkpoint(path("little", "checkpoint_last.h5"), c);
  EXPECT_EQ(go("little", e, true).rule_in_words, "eprop, forward form");
  EXPECT_TRUE(same(parameters("little"), parameters("forward")));
}

}  // namespace
}  // namespace backspike
