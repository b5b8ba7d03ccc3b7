// The last layer's spikes in the course of training: kept in the run's directory, there after a resumption.

#include "experiment/measure/raster_history.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/runner.hpp>

#include "experiment/folder/directory.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Asks the run to end after some epochs.
class stopper : public run_observer {
 public:
  explicit stopper(std::uint32_t epochs) : left_(epochs) {}
  void on_epoch(const epoch_record&, std::uint32_t) override { --left_; }
  bool stop_requested() override { return left_ == 0; }

 private:
  std::uint32_t left_;
};

class RasterHistory : public testing::Test {
 protected:
  static experiment small(const std::string& cell = "lif") {
    return parse_experiment(
        "data.source = \"spike_pattern\"\ntrain = {epochs = 6, batch = 1}\n"
        "objective.loss = \"mean_squared\"\noptimiser.learning_rate = 0.01\n"
        "[data.spike_pattern]\nsteps = 60\noutputs = 5\nspikes = 10\ninputs = 30\nrate = 100\n"
        "train_samples = 2\n[[network.layer]]\nname = \"out\"\ncell = \"" +
            cell + "\"\n",
        "small");
  }
  std::string directory(const std::string& name) const { return folder_.at(name); }
  run_result run(const std::string& name, run_observer& observer, bool resume = false,
                 const std::string& cell = "lif") const {
    run_options options;
    options.directory = directory(name);
    options.resume = resume;
    return train(small(cell), options, observer);
  }
  std::string kept(const std::string& name) const { return read_text_file(directory(name) + "/" + rasters_file); }

 private:
  temporary_folder folder_;
};

TEST_F(RasterHistory, KeepsTheFirstEpochsAndPowersOfTwo) {
  run_observer silent;
  run("whole", silent);
  const auto snapshots = read_snapshots(directory("whole") + "/" + rasters_file, 100, 5, 60);
  std::vector<std::uint32_t> epochs;
  for (const auto& s : snapshots) {
    epochs.push_back(s.epoch);
    EXPECT_EQ(s.spikes.name, "out");
  }
  EXPECT_THAT(epochs, ElementsAre(0, 1, 2, 4));
  EXPECT_GT(snapshots.back().spikes.steps.size(), 0u);
  EXPECT_NE(snapshots.front().spikes.steps, snapshots.back().spikes.steps) << "training changed nothing";
  const auto page = read_text_file(directory("whole") + "/" + report_file);
  for (const auto* when : {"before training", "epoch 1", "epoch 4", "best, epoch "}) {
    EXPECT_THAT(page, HasSubstr(std::string("\"when\":\"") + when));
  }
}

TEST_F(RasterHistory, IsTheSameAfterAnInterruption) {
  run_observer silent;
  run("whole", silent);
  stopper after_three(3);
  EXPECT_FALSE(run("stopped", after_three).finished);
  // What an epoch that did not count left behind is written again.
  write_text_file(directory("stopped") + "/" + rasters_file,
                  kept("stopped") + R"({"epoch":4,"layer":"out","steps":[1],"neurons":[1]})" + "\n");
  EXPECT_TRUE(run("stopped", silent, true).finished);
  EXPECT_EQ(kept("stopped"), kept("whole"));
}

TEST_F(RasterHistory, IsNotThereWithoutTargetSpikes) {
  run_observer silent;
  run("trace", silent, false, "leaky_integrator");
  EXPECT_FALSE(std::filesystem::exists(directory("trace") + "/" + rasters_file));
  EXPECT_THAT(read_text_file(directory("trace") + "/" + report_file), testing::Not(HasSubstr("\"when\":")));
}

TEST_F(RasterHistory, DamagedFileIsRefusedWithItsLine) {
  const std::filesystem::path folder = directory("damaged");
  std::filesystem::create_directories(folder);
  const auto path = (folder / rasters_file).string();
  const std::string good = R"({"epoch":0,"layer":"out","steps":[1],"neurons":[1]})";
  for (const auto* bad : {"", "{", "[]", R"({"epoch":1,"layer":"out","steps":[1,2],"neurons":[1]})",
                          R"({"epoch":1,"layer":"out","steps":[60],"neurons":[1]})",
                          R"({"epoch":1,"layer":"out","steps":[1],"neurons":[5]})"}) {
    write_text_file(path, good + "\n" + bad + "\n");
    try {
      read_snapshots(path, 100, 5, 60);
      ADD_FAILURE() << "accepted: " << bad;
    } catch (const format_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("line 2")) << bad;
    }
  }
}

TEST_F(RasterHistory, FiguresAreThoseOfTheMetrics) {
  const auto data = load_data(small().data, 1).train;
  raster_snapshot silent{0, {"out", 5, {}, {}}}, perfect{8, {"out", 5, {}, {}}};
  const auto wanted = data.target(0).values;
  for (std::size_t k = 0; k < wanted.size(); ++k) {
    if (wanted[k] == 1.0F) {
      perfect.spikes.steps.push_back(static_cast<std::uint32_t>(k / 5));
      perfect.spikes.channels.push_back(static_cast<std::uint32_t>(k % 5));
    }
  }
  const auto history = history_of({silent, perfect}, data, {});
  EXPECT_EQ(history.steps, 60u);
  EXPECT_EQ(history.target.steps, perfect.spikes.steps);
  EXPECT_EQ(history.target.channels, perfect.spikes.channels);
  ASSERT_EQ(history.frames.size(), 2u);
  EXPECT_EQ(history.frames[0].when, "before training");
  EXPECT_EQ(history.frames[0].matched, 0.0);
  EXPECT_EQ(history.frames[1].when, "best, epoch 8");
  EXPECT_EQ(history.frames[1].matched, 1.0);
  EXPECT_EQ(history.frames[1].extra, 0.0);
  EXPECT_EQ(history.frames[1].jitter, 0.0);
}

}  // namespace
}  // namespace backspike
