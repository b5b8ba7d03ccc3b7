// Runs that are not well warn of what is wrong with them; experiments of this repository, made small, warn of nothing.
// python/tests/test_health.py has the other kinds.

#include "experiment/small_runs.hpp"
#include "paths.hpp"

#include <backspike/core/file.hpp>
#include <backspike/report/health_monitor.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace backspike {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class HealthRuns : public SmallRuns {
 protected:
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const epoch_record& r : epochs()) {
      for (const health_warning& w : r.warnings) {
        all.push_back("epoch " + std::to_string(w.epoch) + " " + w.kind + ": " + w.text);
      }
    }
    return all;
  }
  std::set<std::string> kinds() const {
    std::set<std::string> all;
    for (const epoch_record& r : epochs()) {
      for (const health_warning& w : r.warnings) {
        EXPECT_TRUE(all.insert(w.kind + w.subject).second) << "said twice: " << w.text;
        all.insert(w.kind);
      }
    }
    return all;
  }
};

const std::vector<std::string> small_waves{"train.epochs=12"};

TEST_F(HealthRuns, WaveformsAreWell) {
  run("regression_waveforms", small_waves);
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(HealthRuns, EvidenceIsWell) {
  run("evidence_accumulation", {"data.evidence.train_trials=320", "data.evidence.validation_trials=32",
                                "data.evidence.test_trials=32", "train.epochs=4"});
  EXPECT_THAT(texts(), IsEmpty());
}

TEST_F(HealthRuns, ASilentLayerIsInMetricsSummaryAndReport) {
  run("regression_waveforms",
      {"train.epochs=2", "network.layer.hidden1.init_sigma=0.0001", "optimiser.learning_rate=1e-9"});
  EXPECT_THAT(kinds(), Contains("dead_neurons"));
  const auto line = read_text_file((folder() / "run" / "metrics.jsonl").string());
  EXPECT_THAT(line, HasSubstr("no neuron ever fires"));
  const auto summary = nlohmann::json::parse(read_text_file((folder() / "run" / "summary.json").string()));
  ASSERT_FALSE(summary["warnings"].empty());
  EXPECT_EQ(summary["warnings"][0]["epoch"], 1);
  EXPECT_THAT(read_text_file((folder() / "run" / "report.html").string()), HasSubstr("epoch 1: hidden1: no neuron"));
}

/// Stops after so many epochs; keeps what it is told.
struct impatient : run_observer {
  std::uint32_t most = 0;
  std::vector<health_warning> heard;
  std::uint32_t epochs = 0;
  explicit impatient(std::uint32_t n) : most(n) {}
  void on_epoch(const epoch_record& r, std::uint32_t) override {
    ++epochs;
    heard.insert(heard.end(), r.warnings.begin(), r.warnings.end());
  }
  bool stop_requested() override { return epochs == most; }
};

TEST_F(HealthRuns, AResumedRunSaysNothingTwice) {
  const auto e = load_experiment(source_folder() + "/experiments/regression_waveforms.toml",
                                 {"train.epochs=5", "network.layer.hidden1.init_sigma=0.0001"});
  run_options options;
  options.directory = (folder() / "whole").string();
  impatient whole(100), first(2), second(100);
  train(e, options, whole);
  options.directory = (folder() / "resumed").string();
  EXPECT_FALSE(train(e, options, first).finished);
  options.resume = true;
  EXPECT_TRUE(train(e, options, second).finished);
  ASSERT_FALSE(first.heard.empty());
  auto both = first.heard;
  both.insert(both.end(), second.heard.begin(), second.heard.end());
  EXPECT_EQ(both, whole.heard);
  const auto summary = nlohmann::json::parse(read_text_file(options.directory + "/summary.json"));
  EXPECT_EQ(summary["warnings"].size(), both.size()) << "what was said before the interruption is kept";
}

}  // namespace
}  // namespace backspike
