// The experiments with delays, each made small enough to train in a moment: that they learn what they are for.

#include <backspike/core/random.hpp>
#include <backspike/data/spike_hdf5.hpp>
#include <backspike/data/tasks/delay_tasks.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/small_runs.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace backspike {
namespace {

class DelayExperiments : public SmallRuns {};

TEST_F(DelayExperiments, DelayRecoveryFindsTheDelaysOfItsTeacher) {
  const auto result = run("delay_recovery", {"data.delay_recovery.inputs=8", "data.delay_recovery.outputs=4",
                                             "data.delay_recovery.train_samples=64", "train.batch=16"});
  const auto trained = load_trained(result.directory);
  const delay_recovery_spec task = trained.settings.data.delay_recovery;
  const auto teacher = make_delay_teacher(task, trained.settings.seed);
  const auto found = trained.parameters->view("readout.delay");
  std::size_t near = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    for (std::size_t n = 0; n < 4; ++n) {
      near += std::fabs(found(i, n) - static_cast<float>(teacher.delays[i * 4 + n])) < 0.5F ? 1 : 0;
    }
  }
  EXPECT_GE(near, 31u) << "of 32 delays";
  ASSERT_TRUE(result.rounded);
  EXPECT_LT(result.test_loss, 0.02 * epochs().front().train_loss);
}

TEST_F(DelayExperiments, CoincidenceIsSolvedWithDelaysAndNotWithoutThem) {
  const std::vector<std::string> small{"data.coincidence.train_samples=512", "data.coincidence.validation_samples=64",
                                       "data.coincidence.test_samples=256", "train.epochs=40"};
  const auto with = run("coincidence", small);
  EXPECT_GT(with.test_accuracy, 0.85);
  ASSERT_TRUE(with.rounded);
  EXPECT_GT(with.rounded->accuracy, 0.85);
  auto without = small;
  without.emplace_back("network.layer.hidden1.delay.max=0");
  const auto blind = run("coincidence", without);
  EXPECT_LT(blind.test_accuracy, 0.4);
  EXPECT_FALSE(blind.rounded);
}

TEST_F(DelayExperiments, SpokenDigitsWithDelaysLearnFromAFewRecordings) {
  const auto path = shared_data() + "/fsdd/recordings";
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no recordings in " << path;
  }
  const auto result =
      run("spoken_digits_delays", {"data.path=" + path, "data.limit=300", "train.epochs=6", "train.batch=16",
                                   "network.layer.hidden1.size=48", "network.layer.hidden2.size=48"});
  EXPECT_GT(result.test_accuracy, 0.4);
  EXPECT_LT(epochs().back().train_loss, 0.8 * epochs().front().train_loss);
}

/// Recordings with the sizes of the Spiking Heidelberg Digits: 700 channels, 20 classes, about 8000 spikes.
void write_recordings(const std::string& path, std::uint32_t samples, std::uint64_t seed) {
  dataset d;
  d.channels = 700;
  d.dt = 10.0;
  for (int k = 0; k < 20; ++k) {
    d.class_names.push_back(std::to_string(k));
  }
  random_stream random(seed, random_purpose::test);
  for (std::uint32_t s = 0; s < samples; ++s) {
    for (std::uint32_t t = 0, steps = 30 + random.below(70); t < steps; ++t) {
      for (std::uint32_t c = random.below(12); c < 700; c += 1 + random.below(11)) {
        d.inputs.spikes.channels.push_back(c);
      }
      d.inputs.spikes.end_row();
    }
    d.inputs.end_sample();
    d.labels.push_back(static_cast<std::int32_t>(s % 20));
  }
  write_spike_hdf5(path, d);
}

TEST_F(DelayExperiments, ShdDelaysStartsFitsItsForecastAndTakesAStep) {
  std::filesystem::create_directories(folder());
  const auto train = (folder() / "train.h5").string(), test = (folder() / "test.h5").string();
  write_recordings(train, 22, 1);
  write_recordings(test, 20, 2);
  const auto result = run("shd_delays", {"data.path=" + train, "data.test_path=" + test, "train.epochs=1"});
  EXPECT_EQ(start().learnable, 2u * (700 * 256 + 256 * 256 + 256 * 20)) << "a weight and a delay for every synapse";
  EXPECT_LT(start().memory.total(), std::uint64_t{1} << 30);
  ASSERT_EQ(epochs().size(), 1u);
  EXPECT_TRUE(std::isfinite(epochs()[0].train_loss));
  EXPECT_GT(epochs()[0].gradient_norm, 0.0);
  EXPECT_GT(result.spikes_per_sample, 500.0);
}

}  // namespace
}  // namespace backspike
