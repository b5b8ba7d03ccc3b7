// The tasks of the e-prop paper: frequencies, rates, cues and labels as the paper says.

#include <backspike/core/error.hpp>
#include <backspike/data/tasks/tasks.hpp>

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace backspike {
namespace {

using testing::HasSubstr;

/// Spikes per neuron and step of the neurons [first, last) in the steps [begin, end) of a sample.
double rate_of(const dataset& d, std::uint32_t sample, std::uint32_t first, std::uint32_t last, std::size_t begin,
               std::size_t end) {
  std::size_t spikes = 0;
  for (std::size_t t = begin; t < end; ++t) {
    const auto row = d.inputs.spikes.row(d.inputs.sample_rows[sample] + t);
    spikes += static_cast<std::size_t>(
        std::ranges::count_if(row.channels, [&](std::uint32_t c) { return c >= first && c < last; }));
  }
  return static_cast<double>(spikes) / static_cast<double>((last - first) * (end - begin));
}

TEST(Pattern, TargetStartsAtZeroAndReachesOne) {
  pattern_spec spec;
  spec.outputs = 3;
  const auto d = make_pattern(spec, 1);
  d.validate();
  ASSERT_EQ(d.step_targets.size(), 3000u);
  for (std::size_t k = 0; k < 3; ++k) {
    float largest = 0.0f;
    for (std::size_t t = 0; t < 1000; ++t) {
      largest = std::max(largest, std::fabs(d.step_targets[3 * t + k]));
    }
    EXPECT_EQ(d.step_targets[k], 0.0f);
    EXPECT_FLOAT_EQ(largest, 1.0f);
    EXPECT_NEAR(d.step_targets[3 * 999 + k], 0.0f, 1e-6f) << "whole periods end where they began";
  }
  EXPECT_NE(d.step_targets[3 * 100], d.step_targets[3 * 100 + 1]);
}

/// The power of the target at a number of periods, by projection on sine and cosine.
double power_at(const dataset& d, double periods) {
  const std::size_t n = d.step_targets.size() - 1;  // the last step is the first one again
  double re = 0.0, im = 0.0;
  for (std::size_t t = 0; t < n; ++t) {
    const double angle = 2.0 * std::numbers::pi * periods * static_cast<double>(t) / static_cast<double>(n);
    re += d.step_targets[t] * std::cos(angle);
    im += d.step_targets[t] * std::sin(angle);
  }
  return (re * re + im * im) / static_cast<double>(n * n);
}

TEST(Pattern, TargetHasItsFourFrequenciesAndNoOther) {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    const auto d = make_pattern({}, seed);
    for (const double present : {1.0, 2.0, 3.0, 5.0}) {
      EXPECT_GT(power_at(d, present), 1e-4) << present;
    }
    for (const double absent : {4.0, 6.0, 7.0, 10.0}) {
      EXPECT_LT(power_at(d, absent), 1e-8) << absent;
    }
  }
}

TEST(Pattern, InputFiresAtItsRateInItsTurn) {
  pattern_spec spec;
  spec.inputs = 20;
  spec.groups = 5;
  spec.rate = 100.0;
  const auto d = make_pattern(spec, 7);
  ASSERT_EQ(d.inputs.length(0), 1000u);
  for (std::uint32_t g = 0; g < 5; ++g) {
    EXPECT_NEAR(rate_of(d, 0, 4 * g, 4 * g + 4, 200 * g, 200 * g + 200), 0.1, 0.04);
    EXPECT_DOUBLE_EQ(rate_of(d, 0, 4 * g, 4 * g + 4, 0, 1000) * 5.0,
                     rate_of(d, 0, 4 * g, 4 * g + 4, 200 * g, 200 * g + 200));
  }
}

TEST(Pattern, IsFrozenBySeed) {
  const auto a = make_pattern({}, 1), same = make_pattern({}, 1), other = make_pattern({}, 2);
  EXPECT_EQ(a.inputs.spikes.channels, same.inputs.spikes.channels);
  EXPECT_EQ(a.step_targets, same.step_targets);
  EXPECT_NE(a.inputs.spikes.channels, other.inputs.spikes.channels);
  EXPECT_NE(a.step_targets, other.step_targets);
}

TEST(Pattern, RefusesByName) {
  EXPECT_THAT(refusal_of([] { make_pattern({.steps = 1}, 1); }), HasSubstr("data.pattern.steps = 1"));
  EXPECT_THAT(refusal_of([] { make_pattern({.inputs = 0}, 1); }), HasSubstr("data.pattern.inputs"));
  EXPECT_THAT(refusal_of([] { make_pattern({.inputs = 3, .groups = 4}, 1); }), HasSubstr("1 to 3"));
  EXPECT_THAT(refusal_of([] { make_pattern({.rate = 1001.0}, 1); }), HasSubstr("data.pattern.rate"));
  EXPECT_THAT(refusal_of([] { make_pattern({.outputs = 0}, 1); }), HasSubstr("data.pattern.outputs"));
}

TEST(Evidence, TrialsLastAsInThePaperAndCountInTheRecallOnly) {
  const auto d = make_evidence({}, 1, 0, 20);
  d.validate();
  EXPECT_EQ(d.channels, 40u);
  for (std::uint32_t s = 0; s < 20; ++s) {
    ASSERT_EQ(d.inputs.length(s), 2250u);
    const auto weights = d.target(s).weights;
    EXPECT_EQ(std::ranges::count(weights.first(2100), 0.0f), 2100);
    EXPECT_EQ(std::ranges::count(weights.subspan(2100), 1.0f), 150);
    EXPECT_EQ(rate_of(d, s, 20, 30, 0, 2100), 0.0);
    EXPECT_NEAR(rate_of(d, s, 20, 30, 2100, 2250), 0.04, 0.025);
    EXPECT_NEAR(rate_of(d, s, 30, 40, 0, 2250), 0.01, 0.004);
    EXPECT_EQ(rate_of(d, s, 0, 20, 1050, 2250), 0.0);
  }
}

TEST(Evidence, TheLabelIsTheSideOfMostCues) {
  const auto d = make_evidence({}, 3, 0, 200);
  std::size_t right = 0, clear = 0;
  for (std::uint32_t s = 0; s < 200; ++s) {
    int from_right = 0;
    for (std::size_t k = 0; k < 7; ++k) {
      const double l = rate_of(d, s, 0, 10, 150 * k + 50, 150 * k + 150),
                   r = rate_of(d, s, 10, 20, 150 * k + 50, 150 * k + 150);
      EXPECT_TRUE((l == 0.0) != (r == 0.0)) << "one side in every cue";
      EXPECT_EQ(rate_of(d, s, 0, 20, 150 * k, 150 * k + 50), 0.0) << "silence before a cue";
      EXPECT_NEAR(l + r, 0.04, 0.035);
      from_right += r > 0.0 ? 1 : 0;
    }
    EXPECT_EQ(d.labels[s], from_right > 3 ? 1 : 0);
    right += d.labels[s] == 1 ? 1 : 0;
    clear += from_right <= 1 || from_right >= 6 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(right) / 200.0, 0.5, 0.12);
  EXPECT_NEAR(static_cast<double>(clear) / 200.0, 0.333, 0.1) << "P(at most 1 of 7) + P(at least 6) at 0.7";
}

TEST(Evidence, TrialsAreAFunctionOfSeedAndNumber) {
  const auto all = make_evidence({}, 1, 0, 6), late = make_evidence({}, 1, 4, 2), other = make_evidence({}, 2, 0, 6);
  const auto spikes_of = [](const dataset& d, std::uint32_t s) {
    const auto& e = d.inputs.spikes;
    const auto begin = e.row_offsets[d.inputs.sample_rows[s]], end = e.row_offsets[d.inputs.sample_rows[s + 1]];
    return std::vector(e.channels.begin() + static_cast<std::ptrdiff_t>(begin),
                       e.channels.begin() + static_cast<std::ptrdiff_t>(end));
  };
  EXPECT_EQ(spikes_of(all, 4), spikes_of(late, 0));
  EXPECT_EQ(spikes_of(all, 5), spikes_of(late, 1));
  EXPECT_NE(spikes_of(all, 0), spikes_of(all, 1));
  EXPECT_NE(spikes_of(all, 0), spikes_of(other, 0));
}

TEST(Evidence, RefusesByName) {
  EXPECT_THAT(refusal_of([] { make_evidence({.cues = 4}, 1, 0, 1); }), HasSubstr("odd"));
  EXPECT_THAT(refusal_of([] { make_evidence({.cue_ms = 0}, 1, 0, 1); }), HasSubstr("data.evidence.cue_ms"));
  EXPECT_THAT(refusal_of([] { make_evidence({.recall_ms = 0}, 1, 0, 1); }), HasSubstr("data.evidence.recall_ms"));
  EXPECT_THAT(refusal_of([] { make_evidence({.group = 0}, 1, 0, 1); }), HasSubstr("data.evidence.group"));
  EXPECT_THAT(refusal_of([] { make_evidence({.noise_rate = -1.0}, 1, 0, 1); }), HasSubstr("noise_rate"));
  EXPECT_THAT(refusal_of([] { make_evidence({.bias = 1.5}, 1, 0, 1); }), HasSubstr("data.evidence.bias"));
}

}  // namespace
}  // namespace backspike
