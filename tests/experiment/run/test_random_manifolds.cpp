// A small network tells random manifolds apart, which no count of spikes does.

#include <backspike/experiment/runner.hpp>

#include "temporary_folder.hpp"

#include <gtest/gtest.h>

namespace backspike {
namespace {

TEST(RandomManifoldsRun, ASmallNetworkTellsThemApart) {
  const auto e = parse_experiment(R"(
    name = "manifolds"
    [data]
    source = "random_manifolds"
    [data.random_manifolds]
    steps = 50
    classes = 5
    channels = 20
    dimensions = 1
    train_samples = 500
    validation_samples = 50
    test_samples = 250
    [[network.layer]]
    cell = "cuba_lif"
    size = 32
    tau_m = 10.0
    tau_syn = 5.0
    [[network.layer]]
    cell = "leaky_integrator"
    tau_m = 10.0
    [objective]
    readout = "max"
    [optimiser]
    learning_rate = 0.01
    [train]
    epochs = 12
    batch = 20)",
                                  "test", {});
  const temporary_folder folder;
  run_options options;
  options.directory = folder.at("run");
  run_observer nobody;
  EXPECT_GT(train(e, options, nobody).test_accuracy, 0.8) << "chance is 0.2";
}

}  // namespace
}  // namespace backspike
