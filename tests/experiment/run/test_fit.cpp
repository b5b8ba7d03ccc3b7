// Training in memory ends where a run in a directory ends.

#include <backspike/experiment/fit.hpp>

#include <backspike/core/error.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/engine.hpp>
#include <backspike/gradient/initialise.hpp>

#include "experiment/small_runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

namespace backspike {
namespace {

struct fixture {
  experiment e = small_trials();
  dataset_split data = load_data(e.data, e.seed);
  network net{network_for(e, data.train.channels, data.train.dt, data.train.outputs())};
  arena<float> parameters{net.parameters()};
  thread_pool pool{2};
  fixture() { initialise(net, parameters, e.seed, data.train, pool); }
};

bool same_bits(const arena<float>& a, const arena<float>& b) {
  return std::memcmp(a.values().data(), b.values().data(), a.values().size_bytes()) == 0;
}

TEST(Fit, EndsWithTheBitsOfARunInADirectory) {
  fixture f;
  const temporary_folder folder;
  run_observer nobody;
  run_options options;
  options.directory = folder.at("run");
  const run_result run = train(f.e, options, nobody);
  const arena<float> initial = f.parameters;
  const fit_result result = fit(f.e, f.data.train, f.data.validation, f.net, f.parameters, f.pool, nobody);
  EXPECT_TRUE(result.finished);
  ASSERT_EQ(result.epochs.size(), 3u);
  EXPECT_EQ(result.best_epoch, run.best_epoch);
  EXPECT_FALSE(same_bits(f.parameters, initial));
  const trained_network best = load_trained(options.directory);
  EXPECT_EQ(
      std::memcmp(best.parameters->values().data(), f.parameters.values().data(), f.parameters.values().size_bytes()),
      0);
}

TEST(Fit, StopsAtTheLastCompletedEpoch) {
  struct impatient : run_observer {
    std::size_t batches = 0;
    void on_batch(const batch_progress&) override { ++batches; }
    bool stop_requested() override { return batches == 6; }  // 4 batches an epoch
  };
  fixture once, stopped;
  once.e.train.epochs = 1;
  once.e.optimiser.schedule = stopped.e.optimiser.schedule = schedule_kind::constant;
  run_observer nobody;
  impatient user;
  fit(once.e, once.data.train, {}, once.net, once.parameters, once.pool, nobody);
  const fit_result result = fit(stopped.e, stopped.data.train, {}, stopped.net, stopped.parameters, stopped.pool, user);
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.epochs.size(), 1u);
  EXPECT_EQ(std::memcmp(once.parameters.values().data(), stopped.parameters.values().data(),
                        once.parameters.values().size_bytes()),
            0);
}

TEST(Fit, ASavedNetworkIsReadBack) {
  fixture f;
  const temporary_folder folder;
  const auto path = folder.at("saved_network.h5");
  save_network(path, f.e, f.net, f.parameters, {"-1", "1"});
  const trained_network back = load_trained(path);
  EXPECT_EQ(back.class_names, (std::vector<std::string>{"-1", "1"}));
  EXPECT_EQ(expected_by(back).class_names, back.class_names);
  EXPECT_EQ(back.net->spec(), f.net.spec());
  EXPECT_EQ(
      std::memcmp(back.parameters->values().data(), f.parameters.values().data(), f.parameters.values().size_bytes()),
      0);
  save_network(path, f.e, f.net, f.parameters);
  EXPECT_EQ(expected_by(load_trained(path)).class_names, (std::vector<std::string>{"0", "1"})) << "as of old files";
  EXPECT_THROW(save_network(path, f.e, f.net, f.parameters, {"one"}), value_error);
}

TEST(Fit, WhatCouldNotBeLoadedIsNotSaved) {
  fixture f;
  const temporary_folder folder;
  f.e.name = std::string(std::size_t{1} << 24, 'x');
  EXPECT_THROW(save_network(folder.at("long.h5"), f.e, f.net, f.parameters), value_error);
  EXPECT_FALSE(std::filesystem::exists(folder.at("long.h5")));
}

/// A long list of values is text in an attribute of the checkpoint.
TEST(Fit, ALongExperimentIsReadBack) {
  fixture f;
  const temporary_folder folder;
  f.e.name = std::string(std::size_t{3} << 20, 'x');
  save_network(folder.at("long.h5"), f.e, f.net, f.parameters);
  EXPECT_EQ(load_trained(folder.at("long.h5")).settings.name, f.e.name);
}

TEST(Fit, RefusesARuleThatDoesNotTakeTheNetwork) {
  fixture f;
  f.e.rule.kind = rule_kind::truncated_bptt;
  f.e.rule.window = 0;
  run_observer nobody;
  EXPECT_THROW(fit(f.e, f.data.train, {}, f.net, f.parameters, f.pool, nobody), value_error);
}

/// Neither into training nor into a file nor out of one goes a parameter outside its range.
TEST(Fit, ParametersOutsideTheirRangeAreRefusedWithTheirName) {
  fixture f;
  const temporary_folder folder;
  const auto path = folder.at("out_of_range.h5");
  save_network(path, f.e, f.net, f.parameters);
  checkpoint c = read_checkpoint(path);
  std::ranges::find(c.parameters, "hidden1.tau_m", &named_tensor::name)->values[0] = -5.0f;
  write_checkpoint(path, c);
  const auto expect_refusal = [](const auto& call, const char* text) {
    try {
      call();
      ADD_FAILURE() << "accepted";
    } catch (const user_error& e) {
      EXPECT_NE(std::string(e.what()).find(text), std::string::npos) << e.what();
    }
  };
  expect_refusal([&] { load_trained(path); }, "out_of_range.h5: hidden1.tau_m[0] is -5 ms; accepted: 0.01 to 1e+06 ms");
  EXPECT_THROW(load_trained(path), checkpoint_error);
  std::filesystem::remove(path);
  f.parameters.view("hidden1.tau_m")(0, 0) = 0.0f;
  run_observer nobody;
  engine e(f.net, f.e.objective, f.pool);
  const char* const text = "hidden1.tau_m[0] = 0 ms (accepted: 0.01 to 1e+06 ms)";
  expect_refusal([&] { fit(f.e, f.data.train, f.data.validation, f.net, f.parameters, f.pool, nobody); }, text);
  expect_refusal([&] { evaluate_all(e, f.parameters, f.data.test, 4); }, text);
  expect_refusal([&] { save_network(path, f.e, f.net, f.parameters); }, text);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace backspike
