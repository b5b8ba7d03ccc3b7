#pragma once
// The experiments of the repository, each made small enough to train in a moment.

#include <backspike/experiment/runner.hpp>

#include "paths.hpp"
#include "temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace backspike {

/// Trials of evidence accumulation, small enough for a test.
inline experiment small_trials(const std::vector<std::string>& overrides = {}) {
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
                          "test", overrides);
}

class SmallRuns : public testing::Test {
 protected:
  run_result run(const std::string& name, const std::vector<std::string>& overrides) {
    const auto e = load_experiment(source_folder() + "/experiments/" + name + ".toml", overrides);
    run_options options;
    options.directory = folder_.at("run");
    options.overwrite = true;
    return train(e, options, heard_);
  }
  const std::vector<epoch_record>& epochs() const { return heard_.epochs; }
  const run_start& start() const { return heard_.start; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  struct listener : run_observer {
    void on_start(const run_start& s) override { start = s; }
    void on_epoch(const epoch_record& record, std::uint32_t) override { epochs.push_back(record); }
    run_start start;
    std::vector<epoch_record> epochs;
  };
  temporary_folder folder_;
  listener heard_;
};

}  // namespace backspike
