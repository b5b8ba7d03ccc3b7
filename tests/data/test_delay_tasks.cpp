// The tasks that take delays: targets summed again the slow way, orders that are unique, the same samples for a seed.

#include <backspike/core/error.hpp>
#include <backspike/data/tasks/delay_tasks.hpp>

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

namespace backspike {
namespace {

using testing::HasSubstr;

/// The steps in which a channel fires in a sample.
std::vector<std::size_t> times_of(const dataset& d, std::uint32_t sample, std::uint32_t channel) {
  std::vector<std::size_t> times;
  for (std::size_t t = 0; t < d.inputs.length(sample); ++t) {
    const auto row = d.inputs.spikes.row(d.inputs.sample_rows[sample] + t).channels;
    times.insert(times.end(), static_cast<std::size_t>(std::ranges::count(row, channel)), t);
  }
  return times;
}

std::vector<std::uint32_t> spikes_of(const dataset& d, std::uint32_t sample) {
  std::vector<std::uint32_t> found;
  for (auto r = d.inputs.sample_rows[sample]; r < d.inputs.sample_rows[sample + 1]; ++r) {
    found.push_back(static_cast<std::uint32_t>(d.inputs.spikes.row(r).channels.size()));
    found.insert(found.end(), d.inputs.spikes.row(r).channels.begin(), d.inputs.spikes.row(r).channels.end());
  }
  return found;
}

TEST(DelayRecovery, TeacherHasEveryDelayUpToTheLargestAndNoWeakSynapse) {
  const delay_recovery_spec spec;
  const auto teacher = make_delay_teacher(spec, 1);
  ASSERT_EQ(teacher.delays.size(), std::size_t{spec.inputs} * spec.outputs);
  ASSERT_EQ(teacher.weights.size(), teacher.delays.size());
  EXPECT_EQ(std::set(teacher.delays.begin(), teacher.delays.end()).size(), 21u) << "0 to 20, all of them";
  EXPECT_EQ(std::ranges::max(teacher.delays), 20u);
  EXPECT_TRUE(
      std::ranges::all_of(teacher.weights, [](float w) { return std::fabs(w) >= 0.5f && std::fabs(w) < 1.5f; }));
  const auto inhibitory = std::ranges::count_if(teacher.weights, [](float w) { return w < 0.0f; });
  EXPECT_NEAR(static_cast<double>(inhibitory), 100.0, 30.0);
}

/// The trace of one neuron by the sum over all spikes before, the slow way.
double trace_of(const dataset& d, const delay_recovery_spec& spec, const delay_teacher& teacher, std::uint32_t sample,
                std::uint32_t neuron, std::size_t t) {
  double y = 0.0;
  for (std::uint32_t i = 0; i < spec.inputs; ++i) {
    const std::size_t synapse = std::size_t{i} * spec.outputs + neuron;
    for (const std::size_t fired : times_of(d, sample, i)) {
      if (fired + teacher.delays[synapse] <= t) {
        const double since = static_cast<double>(t - fired - teacher.delays[synapse]);
        y += static_cast<double>(teacher.weights[synapse]) * std::exp(-since / spec.tau_m);
      }
    }
  }
  return y;
}

TEST(DelayRecovery, TargetsAreTheTracesOfTheTeacher) {
  const delay_recovery_spec spec{.steps = 60, .inputs = 5, .outputs = 3, .rate = 100.0};
  const auto teacher = make_delay_teacher(spec, 3);
  const auto d = make_delay_recovery(spec, 3, 0, 2);
  d.validate();
  ASSERT_EQ(d.step_targets.size(), 2u * 60u * 3u);
  double largest = 0.0;
  for (std::uint32_t s = 0; s < 2; ++s) {
    for (const std::size_t t : {0u, 7u, 20u, 41u, 59u}) {
      for (std::uint32_t n = 0; n < 3; ++n) {
        const double wanted = trace_of(d, spec, teacher, s, n, t);
        EXPECT_NEAR(d.step_targets[(60 * s + t) * 3 + n], wanted, 1e-5) << s << " " << t << " " << n;
        largest = std::max(largest, std::fabs(wanted));
      }
    }
  }
  EXPECT_GT(largest, 0.5);
}

TEST(DelayRecovery, InputFiresAtItsRate) {
  const auto d = make_delay_recovery({}, 1, 0, 50);
  EXPECT_NEAR(static_cast<double>(d.inputs.spikes.size()) / (50.0 * 200.0 * 20.0), 0.03, 0.002);
}

TEST(DelayRecovery, SamplesAreAFunctionOfSeedAndNumber) {
  const auto all = make_delay_recovery({}, 1, 0, 4), late = make_delay_recovery({}, 1, 3, 1),
             other = make_delay_recovery({}, 2, 0, 4);
  EXPECT_EQ(spikes_of(all, 3), spikes_of(late, 0));
  EXPECT_TRUE(std::ranges::equal(all.target(3).values, late.target(0).values));
  EXPECT_NE(spikes_of(all, 0), spikes_of(all, 1));
  EXPECT_NE(spikes_of(all, 0), spikes_of(other, 0));
  EXPECT_NE(make_delay_teacher({}, 1).delays, make_delay_teacher({}, 2).delays);
}

TEST(DelayRecovery, RefusesByName) {
  const auto refusal = [](const delay_recovery_spec& spec) {
    return refusal_of([&] { make_delay_recovery(spec, 1, 0, 1); });
  };
  EXPECT_THAT(refusal({.steps = 0}), HasSubstr("data.delay_recovery.steps = 0"));
  EXPECT_THAT(refusal({.inputs = 0}), HasSubstr("data.delay_recovery.inputs"));
  EXPECT_THAT(refusal({.outputs = 0}), HasSubstr("data.delay_recovery.outputs"));
  EXPECT_THAT(refusal({.steps = 20}), HasSubstr("data.delay_recovery.max_delay = 20"));
  EXPECT_THAT(refusal({.rate = 1001.0}), HasSubstr("data.delay_recovery.rate"));
  EXPECT_THAT(refusal({.tau_m = 0.0}), HasSubstr("data.delay_recovery.tau_m = 0 ms"));
}

TEST(Coincidence, EveryChannelFiresOnceAVolleyInEveryClass) {
  const coincidence_spec spec;
  const auto d = make_coincidence(spec, 1, 0, 40);
  d.validate();
  for (std::uint32_t s = 0; s < 40; ++s) {
    EXPECT_EQ(d.labels[s], static_cast<std::int32_t>(s % 4));
    for (std::uint32_t c = 0; c < spec.channels; ++c) {
      EXPECT_EQ(times_of(d, s, c).size(), spec.volleys) << "sample " << s << " channel " << c;
    }
  }
}

/// Times of all channels in a volley, less the earliest.
std::vector<std::size_t> offsets_of(const dataset& d, std::uint32_t sample, std::uint32_t channels,
                                    std::size_t volley) {
  std::vector<std::size_t> times;
  for (std::uint32_t c = 0; c < channels; ++c) {
    times.push_back(times_of(d, sample, c).at(volley));
  }
  const auto first = std::ranges::min(times);
  for (auto& t : times) {
    t -= first;
  }
  return times;
}

TEST(Coincidence, TheOrderOfTheChannelsIsTheClass) {
  const coincidence_spec spec{.jitter = 0};
  const auto turns = coincidence_orders(spec, 5);
  const auto d = make_coincidence(spec, 5, 0, 24);
  for (std::uint32_t s = 0; s < 24; ++s) {
    for (std::uint32_t v = 0; v < spec.volleys; ++v) {
      const auto offsets = offsets_of(d, s, spec.channels, v);
      for (std::uint32_t c = 0; c < spec.channels; ++c) {
        EXPECT_EQ(offsets[c], 5u * turns[s % 4 * spec.channels + c]);
      }
    }
  }
}

TEST(Coincidence, NoTwoSpikesOfAVolleyComeCloserThanTheGapLessTheJitter) {
  const coincidence_spec spec{.jitter = 2};
  const auto d = make_coincidence(spec, 1, 0, 200);
  std::set<std::size_t> gaps, starts;
  for (std::uint32_t s = 0; s < 200; ++s) {
    auto offsets = offsets_of(d, s, spec.channels, 0);
    std::ranges::sort(offsets);
    for (std::size_t k = 1; k < offsets.size(); ++k) {
      gaps.insert(offsets[k] - offsets[k - 1]);
    }
    std::size_t first = spec.steps;
    for (std::uint32_t c = 0; c < spec.channels; ++c) {
      first = std::min(first, times_of(d, s, c)[0]);
    }
    starts.insert(first);
  }
  EXPECT_EQ(*gaps.begin(), 1u);
  EXPECT_EQ(*gaps.rbegin(), 9u);
  EXPECT_GT(starts.size(), 15u) << "a volley starts at random, or its time would tell";
}

TEST(Coincidence, NoTwoClassesHaveTheSameOrder) {
  const coincidence_spec spec{.classes = 12, .channels = 4};
  const auto turns = coincidence_orders(spec, 1);
  std::set<std::vector<std::uint32_t>> orders;
  for (std::size_t k = 0; k < 12; ++k) {
    orders.emplace(turns.begin() + static_cast<std::ptrdiff_t>(4 * k),
                   turns.begin() + static_cast<std::ptrdiff_t>(4 * k + 4));
  }
  EXPECT_EQ(orders.size(), 12u);
  for (auto order : orders) {
    std::ranges::sort(order);
    EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  }
}

TEST(Coincidence, SamplesAreAFunctionOfSeedAndNumber) {
  const auto all = make_coincidence({}, 1, 0, 8), late = make_coincidence({}, 1, 5, 2),
             other = make_coincidence({}, 2, 0, 8);
  EXPECT_EQ(spikes_of(all, 5), spikes_of(late, 0));
  EXPECT_EQ(all.labels[6], late.labels[1]);
  EXPECT_NE(spikes_of(all, 0), spikes_of(all, 4)) << "the same class, at other times";
  EXPECT_NE(spikes_of(all, 0), spikes_of(other, 0));
}

TEST(Coincidence, RefusesByName) {
  const auto refusal = [](const coincidence_spec& spec) {
    return refusal_of([&] { make_coincidence(spec, 1, 0, 1); });
  };
  EXPECT_THAT(refusal({.classes = 1}), HasSubstr("data.coincidence.classes = 1"));
  EXPECT_THAT(refusal({.classes = 4, .channels = 3}), HasSubstr("2 to 3, half of the orders of 3 channels"));
  EXPECT_THAT(refusal({.channels = 1}), HasSubstr("data.coincidence.channels"));
  EXPECT_THAT(refusal({.gap = 2, .jitter = 1}), HasSubstr("more than twice the jitter, 2 steps"));
  EXPECT_THAT(refusal({.volleys = 0}), HasSubstr("data.coincidence.volleys"));
  EXPECT_THAT(refusal({.steps = 83}), HasSubstr("at least 84, the length of the volleys"));
}

}  // namespace
}  // namespace backspike
