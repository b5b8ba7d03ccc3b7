// No output is without a gradient, under the default readout and under a maximum, and under the default no class is
// ever ignored. Before a maximum left out the steps that no input had reached, 1 to 7 of the 27 classes were never
// predicted in each of the five seeds, at accuracies of 0.72 to 0.89.

#include "experiment/run/latency_letters.hpp"

#include <backspike/experiment/fit.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gtest/gtest.h>

#include <string>

namespace backspike::testing {
namespace {

experiment letters(std::uint64_t seed, const std::string& readout) {
  return parse_experiment(R"(
    name = "letters"
    [[network.layer]]
    cell = "lif"
    size = 64
    tau_m = 10.0
    [[network.layer]]
    cell = "leaky_integrator"
    tau_m = 20.0
    [optimiser]
    learning_rate = 5e-3
    [train]
    epochs = 30
    batch = 32
    [objective]
    )" + readout,
                          "test", {"seed=" + std::to_string(seed)});
}

class DeadClasses : public ::testing::TestWithParam<const char*> {};

TEST_P(DeadClasses, ThereAreNoneInFiveSeeds) {
  const bool maximum = !std::string(GetParam()).empty();
  const dataset train = latency_letters(540, 1), test = latency_letters(270, 2);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    const experiment e = letters(seed, GetParam());
    const network net(network_for(e, train.channels, train.dt, train.outputs()));
    arena<float> parameters(net.parameters());
    thread_pool pool(1);
    initialise(net, parameters, e.seed, train, pool);
    run_observer nobody;
    const fit_result result = fit(e, train, {}, net, parameters, pool, nobody);
    for (const epoch_record& r : result.epochs) {
      EXPECT_TRUE(r.layers.back().stuck.empty()) << "an output without a gradient after epoch " << r.epoch;
      for (const health_warning& w : r.warnings) {
        EXPECT_TRUE(maximum && w.kind == "dead_outputs") << w.text;
      }
    }
    engine simulation(net, e.objective, pool);
    const evaluation told = evaluate_all(simulation, parameters, test, 1000, {});
    EXPECT_GT(told.accuracy, maximum ? 0.92 : 0.97);
    for (std::size_t k = 0; k < letter_classes && !maximum; ++k) {
      std::uint64_t predicted = 0;
      for (std::size_t truth = 0; truth < letter_classes; ++truth) {
        predicted += told.kept.confusion[truth * letter_classes + k];
      }
      EXPECT_GT(predicted, 0u) << "class " << k << " is never predicted";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Readouts, DeadClasses, ::testing::Values("", "readout = \"max\""),
                         [](const auto& of) { return std::string(of.param).empty() ? "Default" : "Max"; });

}  // namespace
}  // namespace backspike::testing
