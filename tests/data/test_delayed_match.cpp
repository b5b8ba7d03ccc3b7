// The source delayed_match: who fires when, what counts, and that the label is what the stimuli say.

#include "data/tasks/delayed_match.hpp"

#include <backspike/core/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace backspike {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr std::uint32_t group = 10;

/// Spikes of a group of neurons in steps [begin, end) of a sample.
std::size_t spikes(const dataset& data, std::size_t sample, std::uint32_t of, std::uint32_t begin, std::uint32_t end) {
  std::size_t count = 0;
  for (std::uint32_t t = begin; t < end; ++t) {
    for (const std::uint32_t c : data.inputs.spikes.row(data.inputs.sample_rows[sample] + t).channels) {
      count += c / group == of ? 1 : 0;
    }
  }
  return count;
}

/// The stimulus group that fires in these steps; 3: none, 4: more than one.
std::uint32_t shown(const dataset& data, std::size_t sample, std::uint32_t begin, std::uint32_t end) {
  std::uint32_t found = 3;
  for (std::uint32_t s = 0; s < 3; ++s) {
    if (spikes(data, sample, s, begin, end) > 0) {
      found = found == 3 ? s : 4;
    }
  }
  return found;
}

delayed_match_spec three_stimuli() {
  delayed_match_spec spec;
  spec.stimuli = 3;
  return spec;
}

TEST(DelayedMatch, TheLabelIsWhatTheStimuliSay) {
  const dataset data = delayed_match(three_stimuli(), 1).make(0, 200);
  EXPECT_EQ(data.channels, 50u);
  std::size_t same = 0;
  for (std::size_t s = 0; s < data.size(); ++s) {
    ASSERT_EQ(data.inputs.length(s), 800u);
    const std::uint32_t first = shown(data, s, 0, 100), second = shown(data, s, 600, 700);
    ASSERT_LT(first, 3u);
    ASSERT_LT(second, 3u);
    EXPECT_EQ(shown(data, s, 100, 600), 3u) << "silence";
    EXPECT_EQ(data.labels[s], first == second ? 1 : 0);
    EXPECT_GT(spikes(data, s, 3, 700, 800), 50u) << "the question";
    EXPECT_EQ(spikes(data, s, 3, 0, 700), 0u);
    same += first == second ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(same), 100.0, 30.0);
}

TEST(DelayedMatch, OnlyTheQuestionCounts) {
  const dataset data = delayed_match(three_stimuli(), 1).make(0, 2);
  for (std::size_t row = 0; row < data.step_weights.size(); ++row) {
    EXPECT_EQ(data.step_weights[row], row % 800 >= 700 ? 1.0f : 0.0f);
  }
}

TEST(DelayedMatch, ATrialDependsOnItsNumberAlone) {
  const delayed_match source(three_stimuli(), 7);
  const dataset all = source.make(0, 6), last = source.make(4, 2);
  EXPECT_EQ(std::vector(all.labels.begin() + 4, all.labels.end()), last.labels);
  const auto row = all.inputs.spikes.row(all.inputs.sample_rows[5] + 3);
  const auto again = last.inputs.spikes.row(last.inputs.sample_rows[1] + 3);
  EXPECT_TRUE(std::ranges::equal(row.channels, again.channels));
}

TEST(DelayedMatch, RefusesWhatIsNoTask) {
  delayed_match_spec one;
  one.stimuli = 1;
  EXPECT_THAT([&] { delayed_match(one, 1); },
              ThrowsMessage<value_error>(HasSubstr("data.delayed_match.stimuli = 1 (accepted: at least 2")));
  delayed_match_spec fast;
  fast.rate = 2000.0;
  EXPECT_THAT([&] { delayed_match(fast, 1); }, ThrowsMessage<value_error>(HasSubstr("data.delayed_match.rate")));
}

}  // namespace
}  // namespace backspike
