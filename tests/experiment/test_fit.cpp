// Training in memory ends where a run in a directory ends.

#include <backspike/experiment/fit.hpp>

#include <backspike/core/error.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/trained.hpp>
#include <backspike/gradient/engine.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>

namespace backspike {
namespace {

/// Trials of evidence accumulation, small enough for a test.
experiment small_trials() {
  return parse_experiment(R"(
    name = "trials"
    [data]
    source = "evidence_accumulation"
    [data.evidence]
    cues = 3
    cue_ms = 20
    gap_ms = 5
    delay_ms = 20
    recall_ms = 20
    train_trials = 40
    validation_trials = 20
    test_trials = 8
    [[network.layer]]
    cell = "lif"
    size = 12
    recurrent = true
    [[network.layer]]
    cell = "leaky_integrator"
    [objective]
    loss = "step_cross_entropy"
    [train]
    epochs = 3
    batch = 10)",
                          "test");
}

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
  const auto folder = std::filesystem::path(testing::TempDir()) / "fit_and_train";
  std::filesystem::remove_all(folder);
  run_observer nobody;
  run_options options;
  options.directory = folder.string();
  const run_result run = train(f.e, options, nobody);
  const arena<float> initial = f.parameters;
  const fit_result result = fit(f.e, f.data.train, f.data.validation, f.net, f.parameters, f.pool, nobody);
  EXPECT_TRUE(result.finished);
  ASSERT_EQ(result.epochs.size(), 3u);
  EXPECT_EQ(result.best_epoch, run.best_epoch);
  EXPECT_FALSE(same_bits(f.parameters, initial));
  const trained_network best = load_trained(folder.string());
  EXPECT_EQ(
      std::memcmp(best.parameters->values().data(), f.parameters.values().data(), f.parameters.values().size_bytes()),
      0);
  std::filesystem::remove_all(folder);
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
  const auto path = (std::filesystem::path(testing::TempDir()) / "saved_network.h5").string();
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
  std::filesystem::remove(path);
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
  const auto path = (std::filesystem::path(testing::TempDir()) / "out_of_range.h5").string();
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
