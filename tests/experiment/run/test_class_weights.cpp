// Class weights of an experiment: how they are written and read, and where "balanced" becomes numbers.

#include "experiment/small_runs.hpp"

#include <backspike/core/error.hpp>
#include <backspike/core/file.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/class_weights.hpp>
#include <backspike/experiment/fit.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/initialise.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string balanced = "objective.class_weights=balanced";

std::string refusal(const std::vector<std::string>& overrides) {
  try {
    small_trials(overrides);
  } catch (const config_error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(ClassWeightsKey, IsAListOrAWord) {
  EXPECT_THAT(to_toml(small_trials()), HasSubstr("\nclass_weights = []\n"));
  const auto list = small_trials({"objective.class_weights=[2, 0.25]"});
  EXPECT_THAT(list.objective.class_weights.values, ElementsAre(2.0, 0.25));
  EXPECT_EQ(parse_experiment(to_toml(list), "again").objective, list.objective);
  for (const auto& word : {balanced, std::string("objective.class_weights=\"balanced\"")}) {
    const auto e = small_trials({word});
    EXPECT_EQ(e.objective.class_weights, (class_weights_spec{true, {}}));
    EXPECT_EQ(parse_experiment(to_toml(e), "again").objective, e.objective);
  }
  EXPECT_FALSE(small_trials({balanced, "objective.class_weights=[]"}).objective.class_weights.given());
}

TEST(ClassWeightsKey, IsRefusedWithWhatIsAccepted) {
  const std::string key = "objective.class_weights";
  EXPECT_THAT(refusal({key + "=balance"}), AllOf(HasSubstr("did you mean balanced?"), HasSubstr("a list of numbers")));
  EXPECT_THAT(refusal({key + "=3"}), HasSubstr("a list of numbers, 0 or more; or balanced"));
  EXPECT_THAT(refusal({key + "=[1.0, -1.0]"}), HasSubstr("0 or more"));
  EXPECT_THAT(refusal({key + "=[1.0, \"a\"]"}), HasSubstr("a list of numbers"));
  EXPECT_THAT(refusal({key + "=[0.0, 0.0]"}), HasSubstr("at least one that is above 0"));
  EXPECT_THAT(refusal({key + "=[1.0, 2.0]", "objective.loss=mean_squared"}), HasSubstr("losses that read no label"));
  EXPECT_THAT(refusal({balanced, "objective.loss=mean_squared"}), HasSubstr("losses that read no label"));
  EXPECT_THAT(refusal({key + "=[1.0, 2.0]", "network.layer.readout.size=3"}), HasSubstr("is 2 numbers; accepted: 3"));
  EXPECT_EQ(refusal({key + "=[1.0, 2.0, 3.0]"}), "accepted") << "the number of classes is not known yet";
}

/// An odd number of trials: one side has more of them.
experiment lopsided(const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{"data.evidence.train_trials=21", balanced};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return small_trials(overrides);
}

std::vector<double> by_hand(const dataset& train) {
  std::vector<double> counts(2, 0.0);
  for (const std::int32_t label : train.labels) {
    counts[static_cast<std::size_t>(label)] += 1.0;
  }
  const double all = counts[0] + counts[1];
  return {all / (2.0 * counts[0]), all / (2.0 * counts[1])};
}

TEST(BalancedExperiment, IsSettledByItsTrainingSet) {
  const auto e = lopsided();
  const auto data = load_data(e.data, e.seed);
  const auto settled = settle_class_weights(e, data.train);
  EXPECT_EQ(settled.objective.class_weights.values, by_hand(data.train));
  EXPECT_NE(settled.objective.class_weights.values[0], 1.0);
  EXPECT_EQ(settle_class_weights(settled, data.validation).objective, settled.objective) << "numbers stay";
  const auto plain = small_trials();
  EXPECT_EQ(settle_class_weights(plain, data.train).objective, plain.objective);
  EXPECT_THROW(settle_class_weights(small_trials({"objective.class_weights=[1.0, 2.0, 3.0]"}), data.train),
               value_error);
}

run_options in(const temporary_folder& folder, const std::string& name, bool resume = false) {
  run_options options;
  options.directory = folder.at(name);
  options.resume = resume;
  return options;
}

std::string refused_resume(const experiment& e, const run_options& options) {
  run_observer nobody;
  try {
    train(e, options, nobody);
  } catch (const checkpoint_error& error) {
    return error.what();
  }
  return "accepted";
}

/// experiment.toml keeps the word; checkpoints, which others read without the training set, have the numbers.
TEST(BalancedExperiment, LeavesItsNumbersInTheFilesOfTheRun) {
  const temporary_folder folder;
  run_observer nobody;
  const auto e = lopsided();
  const auto data = load_data(e.data, e.seed);
  const auto result = train(e, in(folder, "run"), nobody);
  EXPECT_THAT(read_text_file(folder.at("run/experiment.toml")), HasSubstr("class_weights = \"balanced\""));
  const auto weights = by_hand(data.train);
  const auto trained = load_trained(folder.at("run"));
  EXPECT_EQ(trained.settings.objective.class_weights.values, weights);
  thread_pool pool(1);
  engine simulator(*trained.net, trained.settings.objective, pool);
  EXPECT_EQ(evaluate_all(simulator, *trained.parameters, data.test, 100).loss, result.test_loss);
  engine unweighted(*trained.net, small_trials().objective, pool);
  EXPECT_NE(evaluate_all(unweighted, *trained.parameters, data.test, 100).loss, result.test_loss);
  const auto summary = nlohmann::json::parse(read_text_file(folder.at("run/summary.json")));
  EXPECT_EQ(summary["class_weights"].get<std::vector<double>>(), weights);
}

TEST(BalancedExperiment, TrainsAsItsNumbersDo) {
  const temporary_folder folder;
  run_observer nobody;
  const auto e = lopsided();
  train(e, in(folder, "word"), nobody);
  train(settle_class_weights(e, load_data(e.data, e.seed).train), in(folder, "numbers"), nobody);
  train(small_trials({"data.evidence.train_trials=21"}), in(folder, "none"), nobody);
  const auto last = [&](const std::string& run) { return read_checkpoint(folder.at(run + "/checkpoint_last.h5")); };
  const auto values = [&](const std::string& run) { return last(run).parameters.front().values; };
  EXPECT_EQ(values("word"), values("numbers"));
  EXPECT_NE(values("word"), values("none"));
  EXPECT_EQ(last("word").experiment, last("numbers").experiment);
}

/// Stops after an epoch.
struct impatient : run_observer {
  bool over = false;
  void on_epoch(const epoch_record&, std::uint32_t) override { over = true; }
  bool stop_requested() override { return over; }
};

TEST(BalancedExperiment, GoesOnWithTheBitsOfARunThatWasNeverStopped) {
  const temporary_folder folder;
  run_observer nobody;
  impatient user;
  train(lopsided(), in(folder, "whole"), nobody);
  EXPECT_FALSE(train(lopsided(), in(folder, "stopped"), user).finished);
  EXPECT_THAT(refused_resume(small_trials({"data.evidence.train_trials=21"}), in(folder, "stopped", true)),
              HasSubstr("class_weights"));
  EXPECT_THAT(refused_resume(lopsided({"objective.class_weights=[1.0, 2.0]"}), in(folder, "stopped", true)),
              HasSubstr("objective.class_weights"));
  EXPECT_TRUE(train(lopsided(), in(folder, "stopped", true), nobody).finished);
  const auto last = [&](const std::string& run) { return read_text_file(folder.at(run + "/checkpoint_last.h5")); };
  EXPECT_EQ(last("stopped"), last("whole"));
}

TEST(BalancedExperiment, RefusesToGoOnWithOtherNumbers) {
  const temporary_folder folder;
  impatient user;
  train(lopsided({"objective.class_weights=[3.0, 2.0]"}), in(folder, "run"), user);
  EXPECT_THAT(refused_resume(lopsided(), in(folder, "run", true)),
              AllOf(HasSubstr("objective.class_weights"), HasSubstr("3")));
}

TEST(BalancedExperiment, GoesOnForMoreEpochs) {
  const temporary_folder folder;
  run_observer nobody;
  const std::string constant = "optimiser.schedule=constant";
  train(lopsided({constant}), in(folder, "run"), nobody);
  auto options = in(folder, "run", true);
  options.other_epochs = true;
  EXPECT_EQ(train(lopsided({constant, "train.epochs=4"}), options, nobody).epochs, 4u);
  EXPECT_THAT(read_text_file(folder.at("run/experiment.toml")), HasSubstr("class_weights = \"balanced\""));
  EXPECT_THAT(read_checkpoint(folder.at("run/checkpoint_best.h5")).experiment, Not(HasSubstr("balanced")));
}

struct listener : run_observer {
  run_start start;
  std::vector<health_warning> warnings;
  void on_start(const run_start& s) override { start = s; }
  void on_epoch(const epoch_record& r, std::uint32_t) override {
    warnings.insert(warnings.end(), r.warnings.begin(), r.warnings.end());
  }
};

/// One trial is of one side; the other has no sample.
TEST(BalancedExperiment, SaysWhichClassHasNoSampleAndGoesOn) {
  const temporary_folder folder;
  listener user;
  const auto e = lopsided({"data.limit=1"});
  const auto data = load_data(e.data, e.seed);
  ASSERT_EQ(data.train.size(), 1u);
  EXPECT_TRUE(train(e, in(folder, "run"), user).finished);
  const std::size_t there = static_cast<std::size_t>(data.train.labels[0]);
  const std::string absent = "class " + data.train.class_names[1 - there];
  ASSERT_EQ(user.start.notes.size(), 1u);
  EXPECT_THAT(user.start.notes[0], AllOf(HasSubstr(absent), HasSubstr("no training sample")));
  const auto said = std::ranges::find(user.warnings, "absent_classes", &health_warning::kind);
  ASSERT_NE(said, user.warnings.end());
  EXPECT_EQ(said->subject, absent);
  EXPECT_EQ(said->epoch, 1u);
  const auto summary = nlohmann::json::parse(read_text_file(folder.at("run/summary.json")));
  EXPECT_EQ(summary["class_weights"][there], 0.5);
  EXPECT_EQ(summary["class_weights"][1 - there], 0.0);
  EXPECT_EQ(summary["warnings"][0]["kind"], "absent_classes");
  EXPECT_THAT(read_text_file(folder.at("run/report.html")), HasSubstr("no training sample"));
}

/// In memory, and without weights: then nothing is said.
TEST(BalancedExperiment, SaysSoInMemoryToo) {
  for (const bool weighted : {true, false}) {
    auto e = lopsided({"data.limit=1"});
    e.objective.class_weights.balanced = weighted;
    const auto data = load_data(e.data, e.seed);
    const network net(network_for(e, data.train.channels, data.train.dt, data.train.outputs()));
    arena<float> parameters(net.parameters());
    thread_pool pool(1);
    initialise(net, parameters, e.seed, data.train, pool);
    run_observer nobody;
    const auto result = fit(e, data.train, {}, net, parameters, pool, nobody);
    std::vector<std::string> kinds;
    for (const auto& record : result.epochs) {
      for (const auto& w : record.warnings) {
        kinds.push_back(w.kind);
      }
    }
    EXPECT_EQ(std::ranges::count(kinds, "absent_classes"), weighted ? 1 : 0);
  }
}

}  // namespace
}  // namespace backspike
