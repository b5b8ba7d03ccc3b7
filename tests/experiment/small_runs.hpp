#pragma once
// The experiments of the repository, each made small enough to train in a moment.

#include <backspike/experiment/runner.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace backspike {

class SmallRuns : public testing::Test {
 protected:
  SmallRuns()
      : folder_(std::filesystem::path(testing::TempDir()) /
                testing::UnitTest::GetInstance()->current_test_info()->name()) {}
  ~SmallRuns() override { std::filesystem::remove_all(folder_); }

  run_result run(const std::string& name, const std::vector<std::string>& overrides) {
    const auto e = load_experiment(std::string(BACKSPIKE_SOURCE_DIR) + "/experiments/" + name + ".toml", overrides);
    run_options options;
    options.directory = (folder_ / "run").string();
    options.overwrite = true;
    return train(e, options, heard_);
  }
  const std::vector<epoch_record>& epochs() const { return heard_.epochs; }
  const run_start& start() const { return heard_.start; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct listener : run_observer {
    void on_start(const run_start& s) override { start = s; }
    void on_epoch(const epoch_record& record, std::uint32_t) override { epochs.push_back(record); }
    run_start start;
    std::vector<epoch_record> epochs;
  };
  std::filesystem::path folder_;
  listener heard_;
};

}  // namespace backspike
