// The experiments on recordings of event cameras, on made-up recordings in the layouts of the real ones: that they
// start, fit their forecast and learn; and that augmented training is reproducible.

#include "experiment/made_up_recordings.hpp"
#include "experiment/small_runs.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

class VisionExperiments : public SmallRuns {
 protected:
  std::string data() {
    const auto path = folder() / "data";
    make_folders(path.string());
    return path.string();
  }
};

TEST_F(VisionExperiments, SmallNmnistLearnsBarsWithConvolutions) {
  write_numbered(data(), 100, 40);
  const auto result = run("nmnist_small", {"data.path=" + data(), "train.epochs=6"});
  EXPECT_EQ(start().train_samples, 90U);
  EXPECT_EQ(result.test_samples, 40U);
  EXPECT_GT(result.test_accuracy, 0.5);
  EXPECT_LT(epochs().back().train_loss, epochs().front().train_loss);
}

TEST_F(VisionExperiments, SmallNmnistLearnsBarsWithADenseLayer) {
  write_numbered(data(), 100, 40);
  const auto result = run("nmnist_small_dense", {"data.path=" + data(), "train.epochs=10"});
  EXPECT_GT(result.test_accuracy, 0.5);
}

TEST_F(VisionExperiments, NmnistRunsAnEpochOfItsFolders) {
  write_digit_folders(data(), 2);
  const auto result = run("nmnist", {"data.path=" + data(), "train.epochs=1", "data.validation=0.5"});
  EXPECT_EQ(start().train_samples, 10U);
  EXPECT_EQ(result.test_samples, 20U);
  EXPECT_GT(result.spikes_per_sample, 100.0);
}

TEST_F(VisionExperiments, GesturesAreCutFromTheirRecordings) {
  write_gestures(data(), 3);
  const auto result = run("dvs_gesture", {"data.path=" + data(), "train.epochs=1", "data.validation=0.0"});
  EXPECT_EQ(start().train_samples, 22U);
  EXPECT_EQ(result.test_samples, 11U);
  EXPECT_GT(result.spikes_per_sample, 100.0);
}

/// The losses of the epochs, of which the run may have stopped and gone on.
class losses_heard : public run_observer {
 public:
  explicit losses_heard(std::uint32_t stop_after = 1000) : stop_after_(stop_after) {}
  void on_epoch(const epoch_record& record, std::uint32_t) override { losses.push_back(record.train_loss); }
  bool stop_requested() override { return losses.size() >= stop_after_; }
  std::vector<double> losses;

 private:
  std::uint32_t stop_after_;
};

TEST_F(VisionExperiments, AugmentedTrainingIsTheSameAtAnyThreadsAndAfterAStop) {
  write_numbered(data(), 40, 10);
  const auto e = load_experiment(source_folder() + "/experiments/nmnist_small_dense.toml",
                                 {"data.path=" + data(), "train.epochs=4", "data.augment.mix=0.5",
                                  "data.augment.noise=5.0", "network.layer.hidden.size=32"});
  run_options options;
  options.directory = (folder() / "one").string();
  options.threads = 1;
  losses_heard whole, stopped(2), resumed;
  ASSERT_TRUE(train(e, options, whole).finished);
  options.directory = (folder() / "two").string();
  options.threads = 3;
  ASSERT_FALSE(train(e, options, stopped).finished);
  options.resume = true;
  ASSERT_TRUE(train(e, options, resumed).finished);
  auto both = stopped.losses;
  both.insert(both.end(), resumed.losses.begin(), resumed.losses.end());
  ASSERT_EQ(whole.losses.size(), 4U);
  EXPECT_EQ(both, whole.losses);
}

TEST_F(VisionExperiments, AugmentationChangesTraining) {
  write_numbered(data(), 40, 10);
  const std::vector<std::string> common{"data.path=" + data(), "train.epochs=1", "network.layer.hidden.size=32"};
  auto more = common;
  more.emplace_back("data.augment.shift=5.0");
  run("nmnist_small_dense", common);
  run("nmnist_small_dense", more);
  ASSERT_EQ(epochs().size(), 2U);
  EXPECT_NE(epochs()[0].train_loss, epochs()[1].train_loss);
}

}  // namespace
}  // namespace backspike
