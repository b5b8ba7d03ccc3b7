// The experiments of the repository whose data are generated, and the one on recordings, each made small enough to
// train in a moment: that they run, and that they learn.

#include <backspike/core/error.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/small_runs.hpp"
#include "paths.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

namespace backspike {
namespace {

using testing::HasSubstr;

class TaskExperiments : public SmallRuns {
 protected:
  /// How far training moved the values of a parameter from where all of them started.
  double largest_change(const std::string& parameter, float start) const {
    const auto trained = load_trained((folder() / "run").string());
    double largest = -1.0;
    for (std::size_t i = 0; i < trained.net->parameters().size(); ++i) {
      const auto view = trained.parameters->view(i);
      for (std::size_t c = 0; trained.net->parameters()[i].name == parameter && c < view.cols; ++c) {
        largest = std::max(largest, std::fabs(static_cast<double>(view(0, c)) - static_cast<double>(start)));
      }
    }
    return largest;
  }
};

TEST_F(TaskExperiments, PatternGenerationComesCloseToItsCurve) {
  const auto result = run("pattern_generation", {"data.pattern.steps=200", "data.pattern.inputs=40",
                                                 "network.layer.hidden1.size=40", "train.epochs=100"});
  ASSERT_EQ(epochs().size(), 100u);
  EXPECT_GT(epochs().front().train_loss, 0.05);
  EXPECT_LT(result.test_loss, 0.2 * epochs().front().train_loss);
  EXPECT_GT(result.spikes_per_sample, 40.0);
}

TEST_F(TaskExperiments, SpikePatternIsWritten) {
  const auto result =
      run("spike_pattern", {"data.spike_pattern.steps=120", "data.spike_pattern.inputs=80",
                            "data.spike_pattern.outputs=8", "data.spike_pattern.spikes=16",
                            "data.spike_pattern.rate=40", "network.layer.hidden1.size=50", "train.epochs=20"});
  ASSERT_EQ(result.figures.at(0).name, "matched_spikes");
  EXPECT_GT(result.figures.at(0).value, 0.8);
  ASSERT_EQ(result.figures.at(1).name, "extra_spikes");
  EXPECT_LT(result.figures.at(1).value, 0.3);
  EXPECT_LT(result.test_loss, 0.3 * epochs().front().train_loss);
}

TEST_F(TaskExperiments, EvidenceAccumulationLearnsToTellSides) {
  const auto result =
      run("evidence_accumulation",
          {"data.evidence.cues=3", "data.evidence.cue_ms=30", "data.evidence.gap_ms=5", "data.evidence.delay_ms=20",
           "data.evidence.recall_ms=20", "data.evidence.rate=100", "data.evidence.train_trials=160",
           "data.evidence.validation_trials=40", "data.evidence.test_trials=100", "network.layer.hidden1.size=30",
           "train.batch=16", "train.epochs=10"});
  EXPECT_GT(result.test_accuracy, 0.8);
  EXPECT_GT(result.spikes_per_sample, 30.0);
  EXPECT_EQ(result.test_samples, 100u);
}

/// On generated trials, for which nobody needs the recordings.
TEST_F(TaskExperiments, ResetsAreLearnedUnlessTheyAreFrozen) {
  const auto train_with = [&](const std::string& reset, const std::string& frozen) {
    return run("reset_learning",
               {"data.source=evidence_accumulation", "data.evidence.cues=3", "data.evidence.cue_ms=30",
                "data.evidence.gap_ms=5", "data.evidence.delay_ms=20", "data.evidence.recall_ms=20",
                "data.evidence.rate=100", "data.evidence.train_trials=160", "data.evidence.validation_trials=40",
                "data.evidence.test_trials=100", "network.layer.hidden1.size=30", "train.batch=16", "train.epochs=8",
                "network.layer.hidden1.reset=" + reset, "optimiser.group.0.frozen=" + frozen});
  };
  EXPECT_GT(train_with("subtract", "false").test_accuracy, 0.75);
  EXPECT_GT(largest_change("hidden1.reset_strength", 1.0F), 0.05);
  EXPECT_EQ(largest_change("hidden1.v_reset", 0.0F), 0.0) << "nothing is reset to it";
  EXPECT_GT(train_with("to_value", "false").test_accuracy, 0.75);
  EXPECT_GT(largest_change("hidden1.v_reset", 0.0F), 0.05);
  EXPECT_EQ(largest_change("hidden1.reset_strength", 1.0F), 0.0) << "nothing is subtracted";
  train_with("subtract", "true");
  EXPECT_EQ(largest_change("hidden1.reset_strength", 1.0F), 0.0);
}

TEST_F(TaskExperiments, EvenCuesAreRefused) {
  try {
    run("evidence_accumulation", {"data.evidence.cues=4"});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const value_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("data.evidence.cues = 4"));
  }
}

TEST_F(TaskExperiments, EcgWavesLearnsFromAFewRecordings) {
  const auto path = shared_data() + "/ecg_qtdb";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no recordings in " << path;
  }
  const auto result = run("ecg_waves", {"data.path=" + path, "data.limit=48", "network.layer.hidden1.size=32",
                                        "train.epochs=4", "train.batch=4"});
  EXPECT_GT(result.test_accuracy, 0.45) << "the most frequent label alone is 34 %";
  EXPECT_LT(epochs().back().train_loss, 0.8 * epochs().front().train_loss);
}

}  // namespace
}  // namespace backspike
