// The experiments on signals and timing, each made small enough to train in a moment: that they learn.

#include "experiment/small_runs.hpp"

#include <cmath>
#include <string>

namespace backspike {
namespace {

class SignalExperiments : public SmallRuns {};

double figure(const run_result& result, const std::string& name) {
  for (const auto& f : result.figures) {
    if (f.name == name) {
      return f.value;
    }
  }
  return std::nan("");
}

TEST_F(SignalExperiments, RegressionWaveformsFollowsItsSignals) {
  const auto result = run("regression_waveforms",
                          {"data.waveforms.train_samples=64", "data.waveforms.validation_samples=4",
                           "data.waveforms.test_samples=8", "data.waveforms.steps=300", "data.waveforms.neurons=100",
                           "network.layer.hidden1.size=64", "train.epochs=15", "train.batch=8"});
  EXPECT_LT(figure(result, "normalised_mse"), 0.2);
  EXPECT_LE(figure(result, "normalised_mse"), figure(result, "worst_normalised_mse"));
  EXPECT_GT(result.spikes_per_sample, 300.0);
}

TEST_F(SignalExperiments, PspReadoutFindsTheHiddenFilters) {
  const auto result = run("psp_readout", {"data.psp.channels=6", "data.psp.train_samples=32", "data.psp.steps=300",
                                          "train.epochs=150", "train.batch=4"});
  for (const std::string name : {"tau_rise", "tau_decay", "amplitude"}) {
    EXPECT_LT(figure(result, name + "_error"), 0.03) << name;
    EXPECT_LE(figure(result, name + "_median_error"), figure(result, name + "_error"));
  }
  EXPECT_LT(figure(result, "normalised_mse"), 1e-3);
}

TEST_F(SignalExperiments, OnlyAFilterTellsTheOrderOfSpikes) {
  const std::vector<std::string> small{"data.timing.train_samples=256", "data.timing.test_samples=200",
                                       "data.timing.validation_samples=64", "train.epochs=15"};
  const auto filtered = run("spike_timing", small);
  EXPECT_GT(filtered.test_accuracy, 0.9);
  auto plain = small;
  plain.insert(plain.end(), {"network.layer.readout.cell=leaky_integrator", "network.layer.readout.tau_m=1e6"});
  EXPECT_LT(run("spike_timing", plain).test_accuracy, 0.65) << "every channel fires once";
}

TEST_F(SignalExperiments, MackeyGlassIsContinuedForAWhile) {
  const auto result = run("mackey_glass", {"data.mackey_glass.train_points=400", "data.mackey_glass.test_points=100",
                                           "network.layer.hidden1.size=64", "train.epochs=40"});
  EXPECT_LT(figure(result, "normalised_mse"), 0.1);
  EXPECT_GE(figure(result, "valid_points"), 5.0);
  EXPECT_GT(figure(result, "smape"), 0.0);
  EXPECT_LT(figure(result, "smape"), 40.0);
}

}  // namespace
}  // namespace backspike
