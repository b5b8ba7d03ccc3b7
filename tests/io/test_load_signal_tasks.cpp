// Tasks on signals and timing as training, validation and test set.

#include <backspike/core/error.hpp>
#include <backspike/data/load.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace backspike {
namespace {

data_spec spec_of(data_source source) {
  data_spec spec;
  spec.source = source;
  spec.waveforms.train_samples = spec.psp.train_samples = spec.timing.train_samples = 12;
  spec.waveforms.validation_samples = spec.psp.validation_samples = spec.timing.validation_samples = 4;
  spec.waveforms.test_samples = spec.psp.test_samples = spec.timing.test_samples = 6;
  spec.waveforms.neurons = 10;
  return spec;
}

class LoadSignalTasks : public testing::TestWithParam<data_source> {};

TEST_P(LoadSignalTasks, MakesThreePartsAndKeepsTheFirstSamplesUnderALimit) {
  auto spec = spec_of(GetParam());
  const auto whole = load_data(spec, 1);
  EXPECT_EQ(whole.train.size(), 12u);
  EXPECT_EQ(whole.validation.size(), 4u);
  EXPECT_EQ(whole.test.size(), 6u);
  whole.train.validate();
  whole.test.validate();
  EXPECT_FALSE(std::ranges::equal(whole.train.inputs.spikes.channels, whole.test.inputs.spikes.channels));
  spec.limit = 4;
  const auto part = load_data(spec, 1);
  EXPECT_EQ(part.train.size(), 4u);
  EXPECT_TRUE(std::ranges::equal(part.test.inputs.spikes.channels,
                                 std::span(whole.test.inputs.spikes.channels).first(part.test.inputs.spikes.size())));
}

TEST_P(LoadSignalTasks, RefusesWhatDoesNotFit) {
  auto large = spec_of(GetParam());
  large.waveforms.steps = large.psp.steps = large.timing.steps = 1000000;
  large.waveforms.train_samples = large.psp.train_samples = large.timing.train_samples = 16777216;
  EXPECT_THROW(load_data(large, 1), resource_error);
}

INSTANTIATE_TEST_SUITE_P(, LoadSignalTasks,
                         testing::Values(data_source::regression_waveforms, data_source::psp_readout,
                                         data_source::spike_timing),
                         [](const auto& tested) {
                           return std::string(tested.param == data_source::psp_readout    ? "filters"
                                              : tested.param == data_source::spike_timing ? "timing"
                                                                                          : "waveforms");
                         });

TEST(LoadMackeyGlass, HasNoValidationSetAndALimit) {
  data_spec spec;
  spec.source = data_source::mackey_glass;
  const auto whole = load_data(spec, 1);
  EXPECT_EQ(whole.train.size(), 740u);
  EXPECT_EQ(whole.validation.size(), 0u);
  EXPECT_EQ(whole.test.size(), 750u);
  ASSERT_EQ(whole.test.continuations.size(), 1u);
  EXPECT_EQ(whole.test.continuations[0].truth.size(), 750u);
  spec.limit = 7;
  const auto part = load_data(spec, 1);
  EXPECT_EQ(part.train.size(), 7u);
  EXPECT_EQ(part.test.size(), 7u);
  EXPECT_EQ(part.test.continuations.size(), 1u);
  spec.mackey_glass.train_points = spec.mackey_glass.copies = 60000;
  EXPECT_THROW(load_data(spec, 1), resource_error);
}

}  // namespace
}  // namespace backspike
