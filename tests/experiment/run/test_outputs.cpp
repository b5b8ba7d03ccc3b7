// A run of a network with two outputs: targets made from targets, sizes, figures by name, files, and that both outputs
// learn.

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/experiment/output_targets.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/folder/directory.hpp"
#include "experiment/folder/json_text.hpp"
#include "experiment/small_runs.hpp"

#include <gmock/gmock.h>

namespace backspike {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

/// Three classes of volleys, and of each whether it is the first.
experiment volleys(const std::vector<std::string>& overrides = {}) {
  return parse_experiment(R"(
    name = "volleys"
    [data]
    source = "coincidence"
    [data.coincidence]
    steps = 40
    classes = 3
    channels = 6
    gap = 3
    jitter = 1
    volleys = 1
    train_samples = 120
    validation_samples = 30
    test_samples = 60
    [[network.layer]]
    name = "body"
    cell = "cuba_lif"
    size = 40
    [[network.layer]]
    name = "which"
    cell = "leaky_integrator"
    [[network.layer]]
    name = "first"
    cell = "leaky_integrator"
    from = ["body"]
    [objective]
    loss = "cross_entropy"
    readout = "mean"
    [[objective.output]]
    from = "which"
    [[objective.output]]
    from = "first"
    classes_from = [0, 1, 1]
    class_names = ["yes", "no"]
    class_weights = "balanced"
    [optimiser]
    learning_rate = 0.01
    [train]
    epochs = 12
    batch = 20)",
                          "test", overrides);
}

class OutputRuns : public SmallRuns {
 protected:
  run_result run_of(const experiment& e) {
    run_options options;
    options.directory = (folder() / "run").string();
    options.overwrite = true;
    run_observer nobody;
    return train(e, options, nobody);
  }
};

TEST_F(OutputRuns, BothLearnAndHaveFiguresByName) {
  const run_result result = run_of(volleys());
  ASSERT_EQ(result.outputs.size(), 2u);
  EXPECT_EQ(result.outputs[0].name, "which");
  EXPECT_EQ(result.outputs[0].accuracy, result.test_accuracy);
  EXPECT_GT(result.outputs[0].accuracy, 0.5) << "of three classes";
  EXPECT_GT(result.outputs[1].accuracy, 0.75);
  EXPECT_NEAR(result.outputs[0].loss + result.outputs[1].loss, result.test_loss, 1e-5);
  const auto summary = parse_json<nlohmann::ordered_json>(read_text_file(result.directory + "/" + summary_file));
  EXPECT_EQ(summary["test"]["accuracy"], result.test_accuracy);
  EXPECT_EQ(summary["test"]["first"]["accuracy"], result.outputs[1].accuracy);
  const auto epochs = read_metrics(result.directory + "/" + metrics_file, 12);
  ASSERT_EQ(epochs.back().validation_outputs.size(), 2u);
  EXPECT_EQ(epochs.back().validation_outputs[1].name, "first");
  EXPECT_EQ(epochs.back().train_outputs[0].accuracy, epochs.back().train_accuracy);
  EXPECT_GT(epochs.back().train_outputs[1].accuracy, epochs.front().train_outputs[1].accuracy - 0.05);
}

/// Two layers that spike and decide by the membranes of the last one, as in many tutorials.
TEST_F(OutputRuns, TheMembraneOfASpikingReadoutLearns) {
  const run_result result = run_of(volleys({"network.layer.which.cell=lif", "objective.output.which.read=membrane"}));
  EXPECT_GT(result.outputs[0].accuracy, 0.6) << "of three classes";
  const trained_network trained = load_trained(result.directory);
  EXPECT_TRUE(trained.net->output(0).membrane);
  auto data = load_data(trained.settings.data, trained.settings.seed);
  make_compatible(result.directory, trained, data.test);
  thread_pool pool(1);
  engine simulator(*trained.net, trained.settings.objective, pool);
  const auto readout = simulator.record(*trained.parameters, data.test, 0).readout;
  EXPECT_TRUE(std::ranges::any_of(readout[0], [](float v) { return v != 0.0F && v != 1.0F; })) << "no spikes";
}

TEST_F(OutputRuns, AreReadBackFromTheirCheckpoint) {
  const run_result result = run_of(volleys({"train.epochs=2"}));
  const trained_network trained = load_trained(result.directory);
  ASSERT_EQ(trained.net->output_list().size(), 2u);
  EXPECT_EQ(trained.net->output(0).units, 3u);
  EXPECT_EQ(trained.net->output(1).units, 2u);
  auto data = load_data(trained.settings.data, trained.settings.seed);
  make_compatible(result.directory, trained, data.test);
  thread_pool pool(1);
  engine simulator(*trained.net, trained.settings.objective, pool);
  const auto again = evaluate_all(simulator, *trained.parameters, data.test, 100);
  ASSERT_EQ(again.outputs.size(), 2u);
  EXPECT_EQ(again.outputs[1].accuracy, result.outputs[1].accuracy);
  EXPECT_EQ(again.kept.others[0].labels.size(), 60u);
}

TEST(OutputTargets, AreRefusedByName) {
  const auto refused = [](const std::string& key) {
    return [key] {
      const experiment e = volleys({key});
      auto data = load_data(e.data, e.seed);
      add_targets(e.network, data);
    };
  };
  EXPECT_THAT(refused("objective.output.first.classes_from=[0, 1]"),
              ThrowsMessage<value_error>(HasSubstr("objective.output.first: classes_from = 2 numbers (accepted: 3")));
  EXPECT_THAT(refused("objective.output.which.target=angle"),
              ThrowsMessage<value_error>(HasSubstr("target = angle (accepted: none")));
}

TEST(OutputTargets, TheLineOfTheFileIsSaid) {
  experiment e = volleys();
  auto data = load_data(e.data, e.seed);
  e.network.outputs[1].classes_from = {0, 1};
  EXPECT_THAT([&] { add_targets(e, data); },
              ThrowsMessage<value_error>(HasSubstr("test:33: objective.output.first: classes_from = 2 numbers")));
  const experiment overridden = volleys({"objective.output.first.classes_from=[0, 1]"});
  EXPECT_THAT([&] { add_targets(overridden, data); },
              ThrowsMessage<value_error>(::testing::StartsWith("objective.output.first: classes_from = 2 numbers")))
      << "an override stands in no line";
}

TEST(OutputTargets, SizesThatDoNotFitAreRefused) {
  const experiment e = volleys({"network.layer.first.size=4"});
  auto data = load_data(e.data, e.seed);
  add_targets(e.network, data);
  EXPECT_THAT([&] { network_for(e, data.train); },
              ThrowsMessage<shape_error>(::testing::AllOf(HasSubstr("layer first"), HasSubstr("2, the number"))));
}

}  // namespace
}  // namespace backspike
