// Weights of samples in a data set, and weights that make up for classes of different sizes.

#include <backspike/data/class_weights.hpp>

#include <backspike/core/error.hpp>

#include "data/append.hpp"
#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Samples of two steps without events.
dataset samples_of(std::vector<std::int32_t> labels, std::size_t classes) {
  dataset data;
  data.name = "toy";
  data.channels = 1;
  for (std::size_t s = 0; s < labels.size(); ++s) {
    data.inputs.spikes.end_row();
    data.inputs.spikes.end_row();
    data.inputs.end_sample();
  }
  data.labels = std::move(labels);
  for (std::size_t c = 0; c < classes; ++c) {
    data.class_names.push_back(std::string(1, static_cast<char>('a' + c)));
  }
  return data;
}

TEST(BalancedClassWeights, AreTheSamplesOverThoseOfTheClass) {
  EXPECT_THAT(count_classes(samples_of({0, 1, 1, 2, 1, 1}, 3)), ElementsAre(1, 4, 1));
  EXPECT_THAT(balanced_class_weights(samples_of({0, 1, 1, 2, 1, 1}, 3)), ElementsAre(2.0, 0.5, 2.0));
}

TEST(BalancedClassWeights, OfAClassWithoutSamplesIsZero) {
  EXPECT_THAT(balanced_class_weights(samples_of({0, 2, 2, 2}, 3)), ElementsAre(4.0 / 3.0, 0.0, 4.0 / 9.0));
}

TEST(BalancedClassWeights, OfStepsCountThoseWithALabelAndAWeight) {
  dataset data = samples_of({0, 0, 0}, 2);
  data.step_labels = {0, 1, -1, 1, 1, 1};
  EXPECT_THAT(balanced_class_weights(data, true), ElementsAre(5.0 / 2.0, 5.0 / 8.0));
  data.step_weights = {1.0f, 1.0f, 1.0f, 0.0f, 0.5f, 0.0f};
  EXPECT_THAT(balanced_class_weights(data, true), ElementsAre(3.0 / 2.0, 3.0 / 4.0));
  EXPECT_THAT(balanced_class_weights(data), ElementsAre(0.5, 0.0)) << "the labels of the samples";
}

TEST(BalancedClassWeights, NeedALabel) {
  EXPECT_THAT(refusal_of([] { balanced_class_weights(samples_of({}, 2)); }),
              AllOf(HasSubstr("labels of data set toy"), HasSubstr("none")));
}

TEST(BalancedClassWeights, RefuseALabelWithoutAClass) {
  EXPECT_THAT(refusal_of([] { count_classes(samples_of({0, 2}, 2)); }), AllOf(HasSubstr("= 2"), HasSubstr("below 2")));
}

TEST(SampleWeights, GoWithTheirSamples) {
  dataset data = samples_of({0, 1, 0}, 2);
  EXPECT_EQ(data.target(1).weight, 1.0);
  EXPECT_THAT(subset(data, std::vector<std::uint32_t>{1}).sample_weights, IsEmpty());
  const std::uint64_t bytes = bytes_of(data);
  data.sample_weights = {0.5f, 2.0f, 0.0f};
  EXPECT_EQ(bytes_of(data), bytes + 3 * sizeof(float));
  EXPECT_NO_THROW(data.validate());
  EXPECT_EQ(data.target(1).weight, 2.0);
  EXPECT_THAT(subset(data, std::vector<std::uint32_t>{2, 1, 1}).sample_weights, ElementsAre(0.0f, 2.0f, 2.0f));
}

TEST(SampleWeights, OfDataThatHaveNoneAreOnesBesideOthers) {
  dataset plain = samples_of({0, 1}, 2), weighted = samples_of({1}, 2), both = plain;
  append_samples(both, plain);
  EXPECT_THAT(both.sample_weights, IsEmpty());
  weighted.sample_weights = {3.0f};
  append_samples(both, weighted);
  EXPECT_THAT(both.sample_weights, ElementsAre(1.0f, 1.0f, 1.0f, 1.0f, 3.0f));
  append_samples(both, plain);
  EXPECT_THAT(both.sample_weights, ElementsAre(1.0f, 1.0f, 1.0f, 1.0f, 3.0f, 1.0f, 1.0f));
  EXPECT_NO_THROW(both.validate());
}

TEST(SampleWeights, AreRefusedByName) {
  dataset data = samples_of({0, 1, 0}, 2);
  for (const float bad : {-1.0f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    data.sample_weights = {1.0f, 1.0f, bad};
    EXPECT_THAT(refusal_of([&] { data.validate(); }), HasSubstr("weight of sample 2"));
  }
  data.sample_weights = {1.0f};
  EXPECT_THROW(data.validate(), shape_error);
}

}  // namespace
}  // namespace backspike
