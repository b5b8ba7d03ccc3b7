// Generated tasks as training, validation and test set.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::HasSubstr;

data_spec spec_of(data_source source) {
  data_spec spec;
  spec.source = source;
  spec.delay_recovery.train_samples = 12;
  spec.delay_recovery.validation_samples = 3;
  spec.delay_recovery.test_samples = 5;
  spec.coincidence.train_samples = 12;
  spec.coincidence.validation_samples = 4;  // one of each class
  spec.coincidence.test_samples = 5;
  spec.random_manifolds = {.classes = 3, .channels = 20, .dimensions = 1};
  spec.random_manifolds.train_samples = 12;
  spec.random_manifolds.validation_samples = 3;
  spec.random_manifolds.test_samples = 5;
  return spec;
}

class LoadDelayTasks : public testing::TestWithParam<data_source> {};

TEST_P(LoadDelayTasks, MakesAsManySamplesAsAskedForAndNoneTwice) {
  const auto split = load_data(spec_of(GetParam()), 1);
  EXPECT_EQ(split.train.size(), 12u);
  EXPECT_EQ(split.validation.size(), GetParam() == data_source::coincidence ? 4u : 3u);
  EXPECT_EQ(split.test.size(), 5u);
  std::vector<std::vector<std::uint64_t>> all;  // when how much happens tells samples apart
  for (const auto* part : {&split.train, &split.validation, &split.test}) {
    part->validate();
    for (std::size_t s = 0; s < part->size(); ++s) {
      const auto& offsets = part->inputs.spikes.row_offsets;
      const auto begin = part->inputs.sample_rows[s], end = part->inputs.sample_rows[s + 1];
      auto& counts = all.emplace_back();
      for (auto r = begin; r < end; ++r) {
        counts.push_back(offsets[r + 1] - offsets[r]);
      }
    }
  }
  std::ranges::sort(all);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_P(LoadDelayTasks, KeepsTheFirstSamplesUnderALimit) {
  auto spec = spec_of(GetParam());
  const auto whole = load_data(spec, 1);
  spec.limit = 4;
  const auto part = load_data(spec, 1);
  EXPECT_EQ(part.train.size(), 4u);
  EXPECT_EQ(part.validation.size(), whole.validation.size());
  EXPECT_EQ(part.test.size(), 4u);
  EXPECT_TRUE(std::ranges::equal(part.test.inputs.spikes.channels,
                                 std::span(whole.test.inputs.spikes.channels).first(part.test.inputs.spikes.size())));
}

TEST_P(LoadDelayTasks, RefusesAnEmptySetAndOneThatDoesNotFit) {
  auto empty = spec_of(GetParam());
  empty.delay_recovery.test_samples = empty.coincidence.test_samples = empty.random_manifolds.test_samples = 0;
  try {
    load_data(empty, 1);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const value_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("test_samples = 0"));
  }
  auto large = spec_of(GetParam());
  large.delay_recovery.steps = large.coincidence.steps = large.random_manifolds.steps = 1000000;
  large.delay_recovery.train_samples = large.coincidence.train_samples = 16777216;
  large.random_manifolds.train_samples = 16777216;
  EXPECT_THROW(load_data(large, 1), resource_error);
}

INSTANTIATE_TEST_SUITE_P(, LoadDelayTasks,
                         testing::Values(data_source::delay_recovery, data_source::coincidence,
                                         data_source::random_manifolds),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

}  // namespace
}  // namespace backspike
