// Lists of spikes, and everything that makes one invalid.

#include <backspike/core/events.hpp>

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Rows {1, 4}, {}, {0, 2, 5}.
events three_rows() {
  events e;
  e.channels = {1, 4};
  e.end_row();
  e.end_row();
  e.channels.insert(e.channels.end(), {0, 2, 5});
  e.end_row();
  return e;
}

std::string refusal(const events& e, std::size_t channels) {
  try {
    e.validate(channels);
  } catch (const value_error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Events, StartEmpty) {
  const events e;
  EXPECT_EQ(e.rows(), 0u);
  EXPECT_EQ(e.size(), 0u);
  EXPECT_FALSE(e.graded());
  EXPECT_NO_THROW(e.validate(0));
}

TEST(Events, RowsHoldWhatWasPushedBeforeTheyEnded) {
  const events e = three_rows();
  ASSERT_EQ(e.rows(), 3u);
  EXPECT_EQ(e.size(), 5u);
  EXPECT_THAT(e.row(0).channels, ElementsAre(1, 4));
  EXPECT_THAT(e.row(1).channels, IsEmpty());
  EXPECT_THAT(e.row(2).channels, ElementsAre(0, 2, 5));
  EXPECT_THAT(e.row(2).values, IsEmpty());
}

TEST(Events, GradedRowsCarryTheirOwnValues) {
  events e = three_rows();
  e.values = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f};
  ASSERT_TRUE(e.graded());
  EXPECT_THAT(e.row(0).values, ElementsAre(1.0f, 2.0f));
  EXPECT_THAT(e.row(1).values, IsEmpty());
  EXPECT_THAT(e.row(2).values, ElementsAre(3.0f, 4.0f, 5.0f));
  EXPECT_NO_THROW(e.validate(6));
}

TEST(Events, ClearLeavesAnEmptyListThatCanBeFilledAgain) {
  events e = three_rows();
  e.values.assign(5, 1.0f);
  e.clear();
  EXPECT_EQ(e.rows(), 0u);
  EXPECT_FALSE(e.graded());
  e.channels.push_back(3);
  e.end_row();
  EXPECT_THAT(e.row(0).channels, ElementsAre(3));
}

TEST(Events, ValidateAcceptsChannelsBelowTheCountOnly) {
  EXPECT_EQ(refusal(three_rows(), 6), "accepted");
  const std::string text = refusal(three_rows(), 5);
  EXPECT_THAT(text, HasSubstr("row 2"));
  EXPECT_THAT(text, HasSubstr("below 5"));
}

TEST(Events, ValidateRefusesChannelsThatDoNotAscend) {
  events twice = three_rows();
  twice.channels[1] = 1;
  EXPECT_THAT(refusal(twice, 6), HasSubstr("row 0"));
  events descending = three_rows();
  descending.channels[4] = 1;
  EXPECT_THAT(refusal(descending, 6), HasSubstr("row 2"));
}

TEST(Events, ValidateComparesChannelsWithinARowOnly) {
  const events e = three_rows();
  ASSERT_GT(e.channels[1], e.channels[2]) << "the next row starts lower, which is allowed";
  EXPECT_NO_THROW(e.validate(6));
}

TEST(Events, ValidateRefusesOffsetsThatDoNotCoverTheList) {
  events no_end = three_rows();
  no_end.channels.push_back(5);
  EXPECT_THAT(refusal(no_end, 6), HasSubstr("row_offsets"));
  events late_start = three_rows();
  late_start.row_offsets.front() = 1;
  EXPECT_THAT(refusal(late_start, 6), HasSubstr("row_offsets"));
  events none = three_rows();
  none.row_offsets.clear();
  EXPECT_THAT(refusal(none, 6), HasSubstr("row_offsets"));
}

TEST(Events, ValidateRefusesOffsetsThatDescend) {
  events e = three_rows();
  e.row_offsets = {0, 3, 2, 5};
  e.channels = {0, 1, 2, 3, 4};
  EXPECT_THAT(refusal(e, 6), HasSubstr("row_offsets[2]"));
}

TEST(Events, ValidateReadsNoChannelBeyondTheList) {
  events e;
  e.channels = {0, 1, 2, 3, 4};
  e.row_offsets = {0, 100000, 2, 5};
  EXPECT_THAT(refusal(e, 6), HasSubstr("row_offsets"));  // not a channel: there is no sixth one to complain about
}

TEST(Events, ValidateRefusesValuesOfAnotherLength) {
  events e = three_rows();
  e.values.assign(4, 1.0f);
  EXPECT_THAT(refusal(e, 6), HasSubstr("4 values"));
}

TEST(Events, ValidateRefusesValuesThatAreNoReadings) {
  events e = three_rows();
  e.values.assign(5, 1.0f);
  EXPECT_NO_THROW(e.validate(6));
  e.values[3] = -std::numeric_limits<float>::infinity();
  EXPECT_THAT(refusal(e, 6), HasSubstr("values[3] = -inf"));
}

TEST(RaggedEvents, SamplesHaveTheirOwnLengthAndCount) {
  ragged_events r;
  EXPECT_EQ(r.samples(), 0u);
  r.spikes = three_rows();
  r.end_sample();
  r.end_sample();  // a sample without steps
  r.spikes.channels.push_back(2);
  r.spikes.end_row();
  r.end_sample();
  ASSERT_EQ(r.samples(), 3u);
  EXPECT_EQ(r.length(0), 3u);
  EXPECT_EQ(r.length(1), 0u);
  EXPECT_EQ(r.length(2), 1u);
  EXPECT_EQ(r.event_count(0), 5u);
  EXPECT_EQ(r.event_count(1), 0u);
  EXPECT_EQ(r.event_count(2), 1u);
}

}  // namespace
}  // namespace backspike
