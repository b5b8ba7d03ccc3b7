// Training for chips in a run: its settings are read and written, it goes on with the bytes of a run that was never
// stopped, and what is measured is the network without mismatch.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>

#include "experiment/small_runs.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

const std::string weights = "hardware.mismatch=[{match='*.weight', sigma=0.2}, {match='*.tau_m', sigma=0.1}]";

experiment for_chips(const std::vector<std::string>& more = {"hardware.training_noise=true"}) {
  std::vector<std::string> overrides{weights};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return small_trials(overrides);
}

struct impatient : run_observer {
  bool over = false;
  void on_epoch(const epoch_record&, std::uint32_t) override { over = true; }
  bool stop_requested() override { return over; }
};

run_options in(const temporary_folder& folder, const std::string& name, std::size_t threads, bool resume = false) {
  run_options options;
  options.directory = folder.at(name);
  options.threads = threads;
  options.resume = resume;
  return options;
}

TEST(HardwareRuns, GoOnWithTheBytesOfOneThatWasNeverStopped) {
  const std::vector<std::vector<std::string>> trainings{{"hardware.training_noise=true"},
                                                        {"hardware.adversarial_steps=2"},
                                                        {"hardware.training_noise=true", "hardware.silent_neurons=0.1",
                                                         "hardware.mismatch.1.match=hidden1.tau_m", "rule.kind=eprop"}};
  for (const auto& training : trainings) {
    SCOPED_TRACE(training.back());
    const temporary_folder folder;
    run_observer nobody;
    impatient user;
    const auto e = for_chips(training);
    train(e, in(folder, "whole", 1), nobody);
    EXPECT_FALSE(train(e, in(folder, "stopped", 3), user).finished);
    EXPECT_TRUE(train(e, in(folder, "stopped", 2, true), nobody).finished);
    const std::string file = "/checkpoint_last.h5";
    EXPECT_EQ(read_text_file(folder.at("whole" + file)), read_text_file(folder.at("stopped" + file)));
  }
}

TEST(HardwareRuns, ASettingThatTrainsNothingChangesNothing) {
  const temporary_folder folder;
  run_observer nobody;
  const auto plain = train(small_trials(), in(folder, "plain", 1), nobody);
  const auto known = train(for_chips({}), in(folder, "known", 1), nobody);
  const auto noisy = train(for_chips(), in(folder, "noisy", 1), nobody);
  EXPECT_EQ(plain.test_loss, known.test_loss);
  EXPECT_NE(plain.test_loss, noisy.test_loss);
}

TEST(HardwareRuns, SettingsAreWrittenAsTheyAreRead) {
  const auto e = for_chips({"hardware.training_noise=true", "hardware.dead_synapses=0.05"});
  ASSERT_EQ(e.hardware.mismatch.size(), 2u);
  const auto again = parse_experiment(to_toml(e), "again");
  EXPECT_EQ(again.hardware, e.hardware);
}

TEST(HardwareRuns, APatternThatMatchesNothingEndsTheRunAtOnce) {
  const temporary_folder folder;
  run_observer nobody;
  const auto e = small_trials({"hardware.mismatch=[{match='*.tau_n'}]", "hardware.training_noise=true"});
  try {
    train(e, in(folder, "run", 1), nobody);
    FAIL() << "trained";
  } catch (const value_error& problem) {
    EXPECT_THAT(problem.what(), ::testing::HasSubstr("hidden1.tau_m"));
  }
}

TEST(HardwareRuns, WrongKeysAreNamed) {
  for (const std::string wrong : {"hardware.mismatch=[{sigma=0}]", "hardware.mismatch=[{distribution='gauss'}]",
                                  "hardware.dead_synapses=2", "hardware.training=true"}) {
    EXPECT_THROW(small_trials({wrong}), config_error) << wrong;
  }
}

}  // namespace
}  // namespace backspike
