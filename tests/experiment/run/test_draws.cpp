// Dropout and noise in a run: training draws them, evaluation does not, and a run that was stopped goes on with the
// numbers of one that was not.

#include <backspike/core/file.hpp>
#include <backspike/data/checkpoint.hpp>
#include <backspike/data/load.hpp>
#include <backspike/experiment/trained.hpp>

#include "experiment/small_runs.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace backspike {
namespace {

experiment with_draws(const std::vector<std::string>& more = {}) {
  std::vector<std::string> overrides{"network.layer.hidden1.dropout=0.3", "network.layer.hidden1.noise=0.2"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return small_trials(overrides);
}

run_options in(const temporary_folder& folder, const std::string& name, bool resume = false) {
  run_options options;
  options.directory = folder.at(name);
  options.resume = resume;
  return options;
}

/// Stops after an epoch.
struct impatient : run_observer {
  bool over = false;
  void on_epoch(const epoch_record&, std::uint32_t) override { over = true; }
  bool stop_requested() override { return over; }
};

TEST(RunWithDraws, GoesOnWithTheBytesOfOneThatWasNeverStopped) {
  for (const std::string rule : {"bptt", "checkpointed_bptt", "eprop"}) {
    SCOPED_TRACE(rule);
    const temporary_folder folder;
    run_observer nobody;
    impatient user;
    const auto e = with_draws({"rule.kind=" + rule});
    train(e, in(folder, "whole"), nobody);
    EXPECT_FALSE(train(e, in(folder, "stopped"), user).finished);
    EXPECT_TRUE(train(e, in(folder, "stopped", true), nobody).finished);
    for (const std::string file : {"/checkpoint_last.h5", "/checkpoint_best.h5"}) {
      EXPECT_EQ(read_text_file(folder.at("whole" + file)), read_text_file(folder.at("stopped" + file))) << file;
    }
  }
}

TEST(RunWithDraws, TrainsOtherParametersThanOneWithout) {
  const temporary_folder folder;
  run_observer nobody;
  const auto last = [&](const experiment& e, const std::string& name) {
    train(e, in(folder, name), nobody);
    return read_checkpoint(folder.at(name + "/checkpoint_last.h5")).parameters.front().values;
  };
  const auto plain = last(small_trials(), "plain"), both = last(with_draws(), "both");
  EXPECT_NE(both, plain);
  EXPECT_NE(last(with_draws({"network.layer.hidden1.noise=0"}), "dropout"), both);
  EXPECT_NE(last(with_draws({"network.layer.hidden1.dropout=0"}), "noise"), both);
  EXPECT_EQ(last(with_draws({"network.layer.hidden1.dropout=0", "network.layer.hidden1.noise=0"}), "none"), plain);
}

/// What is measured after training is that of the network without, whose parameters are these.
TEST(RunWithDraws, IsJudgedWithoutThem) {
  const temporary_folder folder;
  run_observer nobody;
  const auto result = train(with_draws(), in(folder, "run"), nobody);
  const auto trained = load_trained(folder.at("run"));
  network_spec plain = trained.net->spec();
  plain.layers[0].dropout = plain.layers[0].noise = 0.0;
  const network net(plain);
  arena<float> parameters(net.parameters());
  std::ranges::copy(trained.parameters->values(), parameters.values().begin());
  thread_pool pool(1);
  engine simulator(net, trained.settings.objective, pool);
  const auto e = with_draws();
  EXPECT_EQ(evaluate_all(simulator, parameters, load_data(e.data, e.seed).test, 100).loss, result.test_loss);
}

}  // namespace
}  // namespace backspike
