// What a data set must fulfil, with the message for each fault; and subsets of it.

#include <backspike/data/dataset.hpp>

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace backspike {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

void add_sample(dataset& data, const std::vector<std::vector<std::uint32_t>>& rows, std::int32_t label,
                std::int32_t speaker) {
  events& e = data.inputs.spikes;
  for (const auto& row : rows) {
    e.channels.insert(e.channels.end(), row.begin(), row.end());
    e.end_row();
  }
  data.inputs.end_sample();
  data.labels.push_back(label);
  data.speakers.push_back(speaker);
}

/// Four samples of 2, 0, 3 and 1 steps, two classes, two speakers.
dataset four_samples() {
  dataset data;
  data.name = "toy";
  data.channels = 6;
  data.dt = 0.5;
  data.class_names = {"low", "high"};
  data.speaker_names = {"ada", "bo"};
  add_sample(data, {{0, 1}, {5}}, 0, 0);
  add_sample(data, {}, 1, 0);
  add_sample(data, {{}, {2, 3, 4}, {}}, 0, 1);
  add_sample(data, {{4}}, 1, 1);
  return data;
}

template <class Error>
std::string refusal(const dataset& data) {
  try {
    data.validate();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Dataset, KnowsItsSize) {
  const dataset data = four_samples();
  EXPECT_EQ(data.size(), 4u);
  EXPECT_EQ(data.classes(), 2u);
  EXPECT_EQ(data.longest(), 3u);
  EXPECT_EQ(dataset{}.size(), 0u);
  EXPECT_EQ(dataset{}.longest(), 0u);
}

TEST(Dataset, ValidateAcceptsWhatIsWhole) {
  dataset data = four_samples();
  EXPECT_NO_THROW(data.validate());
  data.speakers.clear();
  EXPECT_NO_THROW(data.validate()) << "speakers are optional";
}

TEST(Dataset, ValidateNamesTheSampleWithAStrangeLabel) {
  for (const std::int32_t label : {-1, 2}) {
    dataset data = four_samples();
    data.labels[2] = label;
    EXPECT_THAT(refusal<value_error>(data),
                AllOf(HasSubstr("toy"), HasSubstr("label of sample 2"), HasSubstr(std::to_string(label))));
  }
}

TEST(Dataset, ValidateNamesTheClassWithoutSamples) {
  dataset data = four_samples();
  data.class_names.emplace_back("middle");
  EXPECT_THAT(refusal<value_error>(data), AllOf(HasSubstr("toy"), HasSubstr("middle")));
}

TEST(Dataset, ValidateRefusesLabelsOrSpeakersOfAnotherNumber) {
  dataset labels = four_samples();
  labels.labels.pop_back();
  EXPECT_THAT(refusal<shape_error>(labels), AllOf(HasSubstr("labels"), HasSubstr("[3]"), HasSubstr("[4]")));
  dataset speakers = four_samples();
  speakers.speakers.push_back(0);
  EXPECT_THAT(refusal<shape_error>(speakers), AllOf(HasSubstr("speakers"), HasSubstr("[5]"), HasSubstr("[4]")));
}

TEST(Dataset, ValidateRefusesSamplesThatDoNotCoverTheRows) {
  dataset data = four_samples();
  data.inputs.sample_rows.back() += 1;
  EXPECT_THAT(refusal<value_error>(data), HasSubstr("sample_rows"));
}

TEST(Dataset, ValidateRefusesChannelsThatTheInputLacks) {
  dataset data = four_samples();
  data.channels = 5;
  EXPECT_THAT(refusal<value_error>(data), AllOf(HasSubstr("channel"), HasSubstr("below 5")));
}

TEST(Subset, TakesSamplesInTheOrderAskedFor) {
  const dataset all = four_samples();
  const std::vector<std::uint32_t> picked{2, 0, 1};
  const dataset part = subset(all, picked);
  ASSERT_EQ(part.size(), 3u);
  EXPECT_THAT(part.labels, ElementsAre(0, 0, 1));
  EXPECT_THAT(part.speakers, ElementsAre(1, 0, 0));
  EXPECT_EQ(part.inputs.length(0), 3u);
  EXPECT_EQ(part.inputs.length(1), 2u);
  EXPECT_EQ(part.inputs.length(2), 0u);
  EXPECT_THAT(part.inputs.spikes.row(0).channels, IsEmpty());
  EXPECT_THAT(part.inputs.spikes.row(1).channels, ElementsAre(2, 3, 4));
  EXPECT_THAT(part.inputs.spikes.row(3).channels, ElementsAre(0, 1));
  EXPECT_THAT(part.inputs.spikes.row(4).channels, ElementsAre(5));
  EXPECT_NO_THROW(part.validate());
}

TEST(Subset, KeepsWhatDescribesTheWhole) {
  const dataset all = four_samples();
  const std::vector<std::uint32_t> picked{3};
  const dataset part = subset(all, picked);
  EXPECT_EQ(part.name, "toy");
  EXPECT_EQ(part.channels, 6u);
  EXPECT_EQ(part.dt, 0.5);
  EXPECT_EQ(part.class_names, all.class_names);
  EXPECT_EQ(part.speaker_names, all.speaker_names);
}

TEST(Subset, TakesASampleTwiceAndNoneAtAll) {
  const dataset all = four_samples();
  const std::vector<std::uint32_t> twice{3, 3};
  const dataset part = subset(all, twice);
  EXPECT_EQ(part.size(), 2u);
  EXPECT_THAT(part.inputs.spikes.channels, ElementsAre(4, 4));
  const dataset none = subset(all, {});
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(none.inputs.spikes.rows(), 0u);
}

TEST(Subset, CarriesGradedValuesAlong) {
  dataset all = four_samples();
  all.inputs.spikes.values = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f};
  const std::vector<std::uint32_t> picked{3, 0};
  const dataset part = subset(all, picked);
  ASSERT_TRUE(part.inputs.spikes.graded());
  EXPECT_THAT(part.inputs.spikes.values, ElementsAre(0.7f, 0.1f, 0.2f, 0.3f));
  EXPECT_NO_THROW(part.validate());
}

TEST(Subset, OfDataWithoutSpeakersHasNone) {
  dataset all = four_samples();
  all.speakers.clear();
  const std::vector<std::uint32_t> picked{1};
  EXPECT_THAT(subset(all, picked).speakers, IsEmpty());
}

TEST(Subset, OfEverythingIsTheSame) {
  const dataset all = four_samples();
  const std::vector<std::uint32_t> picked{0, 1, 2, 3};
  const dataset part = subset(all, picked);
  EXPECT_EQ(part.inputs.sample_rows, all.inputs.sample_rows);
  EXPECT_EQ(part.inputs.spikes.row_offsets, all.inputs.spikes.row_offsets);
  EXPECT_EQ(part.inputs.spikes.channels, all.inputs.spikes.channels);
  EXPECT_EQ(part.labels, all.labels);
}

}  // namespace
}  // namespace backspike
