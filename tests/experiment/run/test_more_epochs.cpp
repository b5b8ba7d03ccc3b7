// A run that is finished and goes on: while there are epochs to come, nothing in its directory says that it is
// complete.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/runner.hpp>
#include <backspike/experiment/sweep.hpp>

#include "experiment/run/epochs.hpp"
#include "experiment/small_runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

/// Stops in the epoch after `last`.
struct impatient : run_observer {
  std::uint32_t epochs = 0, last;
  explicit impatient(std::uint32_t n) : last(n) {}
  void on_epoch(const epoch_record&, std::uint32_t) override { ++epochs; }
  bool stop_requested() override { return epochs >= last; }
};

TEST(MoreEpochs, AnUnfinishedRunHasNoSummary) {
  const temporary_folder folder;
  auto e = small_trials({"train.epochs=2", "optimiser.schedule=constant"});
  run_options options;
  options.directory = folder.at("run");
  run_observer nobody;
  ASSERT_TRUE(train(e, options, nobody).finished);
  ASSERT_EQ(read_outcome(options.directory).ended, sweep_outcome::state::finished);
  ASSERT_TRUE(is_there(folder.at("run/report.html")));

  e.train.epochs = 5;
  options.resume = options.other_epochs = true;
  impatient user(1);
  const auto stopped = train(e, options, user);
  EXPECT_FALSE(stopped.finished);
  EXPECT_EQ(stopped.epochs, 3u);
  EXPECT_EQ(read_outcome(options.directory).ended, sweep_outcome::state::unfinished);
  EXPECT_FALSE(is_there(folder.at("run/summary.json")));
  EXPECT_FALSE(is_there(folder.at("run/report.html")));

  const auto result = train(e, options, nobody);
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.epochs, 5u);
  EXPECT_EQ(read_outcome(options.directory).ended, sweep_outcome::state::finished);
}

TEST(MoreEpochs, AWidthOfAConnectionThatFollowsThemIsRefused) {
  auto e = small_trials({"optimiser.schedule=constant"});
  checkpoint c;
  EXPECT_NO_THROW(require_independent_of_epochs("last.h5", c, e));
  e.network.connections.resize(1);
  e.network.connections[0].name = "shortcut";
  e.network.connections[0].delay.max = 9;
  EXPECT_THAT([&] { require_independent_of_epochs("last.h5", c, e); },
              testing::ThrowsMessage<checkpoint_error>(testing::HasSubstr("width in connection shortcut")));
}

TEST(MoreEpochs, ARefusedExperimentRemovesNothing) {
  const temporary_folder folder;
  auto e = small_trials({"train.epochs=1"});
  run_options options;
  options.directory = folder.at("run");
  options.overwrite = true;
  run_observer nobody;
  ASSERT_TRUE(train(e, options, nobody).finished);
  e.name = std::string(std::size_t{1} << 24, 'x');  // could not be read again
  EXPECT_THROW(train(e, options, nobody), value_error);
  EXPECT_EQ(read_outcome(options.directory).ended, sweep_outcome::state::finished);
}

}  // namespace
}  // namespace backspike
