// Waveforms, hidden filters and spike timing: targets against their formulas, and settings that are refused.

#include <backspike/core/error.hpp>
#include <backspike/data/tasks/signal_tasks.hpp>

#include "data/refusal.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace backspike {
namespace {

using testing::HasSubstr;

std::size_t spikes_in(const dataset& d, std::size_t row, std::uint32_t first, std::uint32_t last) {
  return static_cast<std::size_t>(std::ranges::count_if(d.inputs.spikes.row(row).channels,
                                                        [&](std::uint32_t c) { return c >= first && c < last; }));
}

TEST(Waveforms, TargetsAreSignalsWithinTheirRange) {
  const auto d = make_waveforms({}, 1, 0, 4);
  d.validate();
  ASSERT_EQ(d.target_width, 3u);
  for (std::uint32_t s = 0; s < 4; ++s) {
    for (std::size_t k = 0; k < 3; ++k) {
      float low = 0.0F, high = 0.0F, largest_step = 0.0F, before = d.target(s).values[k];
      for (std::size_t t = 0; t < 600; ++t) {
        const float x = d.target(s).values[t * 3 + k];
        low = std::min(low, x);
        high = std::max(high, x);
        largest_step = std::max(largest_step, std::fabs(x - before));
        before = x;
      }
      EXPECT_GE(low, -1.0F);
      EXPECT_LE(high, 1.0F);
      EXPECT_GT(high - low, 0.7F) << "signal " << k << " of sample " << s;
      EXPECT_LT(largest_step, 0.1F) << "signal " << k << " of sample " << s << " is smooth";
    }
  }
}

TEST(Waveforms, SpikesCarryTheSignalThatIsToldLater) {
  const waveforms_spec spec{.neurons = 400, .lag = 30, .settle = 50};
  const auto d = make_waveforms(spec, 2, 0, 1);
  for (std::uint32_t k = 0; k < 3; ++k) {
    constexpr double per_unit = 2 * 200 * 0.2 * 0.9;  // more spikes of one half for a signal of 1
    double cross = 0.0, power = 0.0, error = 0.0, error_at_once = 0.0;
    for (std::size_t t = 0; t + 30 < 600; ++t) {
      const double more = static_cast<double>(spikes_in(d, t, 400 * k, 400 * k + 200)) -
                          static_cast<double>(spikes_in(d, t, 400 * k + 200, 400 * k + 400));
      const double told = static_cast<double>(d.target(0).values[(t + 30) * 3 + k]),
                   at_once = static_cast<double>(d.target(0).values[t * 3 + k]);
      cross += more * told;
      power += told * told;
      error += (more - per_unit * told) * (more - per_unit * told);
      error_at_once += (more - per_unit * at_once) * (more - per_unit * at_once);
    }
    EXPECT_NEAR(cross / power, per_unit, 4.0) << "signal " << k;
    EXPECT_LT(error, error_at_once) << "signal " << k;
  }
  EXPECT_EQ(std::ranges::count(d.step_weights, 0.0F), 50);
  EXPECT_EQ(d.step_weights[49], 0.0F);
  EXPECT_EQ(d.step_weights[50], 1.0F);
}

TEST(Waveforms, SamplesAreAFunctionOfSeedAndNumber) {
  const auto all = make_waveforms({}, 1, 0, 3), late = make_waveforms({}, 1, 2, 1), other = make_waveforms({}, 2, 0, 1);
  EXPECT_TRUE(std::ranges::equal(all.target(2).values, late.target(0).values));
  EXPECT_FALSE(std::ranges::equal(all.target(0).values, all.target(1).values));
  EXPECT_FALSE(std::ranges::equal(all.target(0).values, other.target(0).values));
}

TEST(Waveforms, RefusesByName) {
  const auto refusal = [](const waveforms_spec& spec) { return refusal_of([&] { make_waveforms(spec, 1, 0, 1); }); };
  EXPECT_THAT(refusal({.steps = 0}), HasSubstr("data.waveforms.steps = 0"));
  EXPECT_THAT(refusal({.neurons = 3}), HasSubstr("data.waveforms.neurons = 3"));
  EXPECT_THAT(refusal({.rate = 600.0}), HasSubstr("data.waveforms.rate"));
  EXPECT_THAT(refusal({.modulation = 1.5}), HasSubstr("data.waveforms.modulation = 1.5"));
  EXPECT_THAT(refusal({.settle = 600}), HasSubstr("less than the 600 steps"));
  EXPECT_THAT(refusal({.chirp_hz = 0.0}), HasSubstr("data.waveforms.chirp_hz = 0"));
}

/// The response of a channel by the sum over its spikes of the kernel, from its formula.
double response(const dataset& d, std::uint32_t channel, std::size_t t) {
  const auto value = [&](std::size_t k) { return static_cast<double>(d.planted[k].values[channel]); };
  const double rise = value(0), decay = value(1);
  const double top = decay * rise / (decay - rise) * std::log(decay / rise);
  const auto kernel = [&](double since) { return std::exp(-since / decay) - std::exp(-since / rise); };
  double y = 0.0;
  for (std::size_t fired = 0; fired <= t; ++fired) {
    if (std::ranges::count(d.inputs.spikes.row(fired).channels, channel) > 0) {
      y += value(2) * kernel(static_cast<double>(t - fired)) / kernel(top);
    }
  }
  return y;
}

TEST(PspFilters, TargetsAreTheKernelsOfTheHiddenValues) {
  const psp_spec spec{.steps = 120, .channels = 5, .rate = 50.0};
  const auto d = make_psp(spec, 3, 0, 1);
  d.validate();
  double largest = 0.0;
  for (std::uint32_t c = 0; c < 5; ++c) {
    for (const std::size_t t : {0u, 17u, 60u, 119u}) {
      const double wanted = response(d, c, t);
      EXPECT_NEAR(static_cast<double>(d.step_targets[t * 5 + c]), wanted, 1e-5) << c << " " << t;
      largest = std::max(largest, std::fabs(wanted));
    }
  }
  EXPECT_GT(largest, 0.5);
}

TEST(PspFilters, HiddenValuesAreWithinTheirBounds) {
  const psp_spec spec{.channels = 100};
  const auto hidden = make_psp_filters(spec, 1);
  ASSERT_EQ(hidden.size(), 3u);
  EXPECT_TRUE(std::ranges::all_of(hidden[0].values, [](float x) { return x >= 1.0F && x <= 8.0F; }));
  EXPECT_TRUE(std::ranges::all_of(hidden[1].values, [](float x) { return x >= 12.0F && x <= 50.0F; }));
  EXPECT_TRUE(std::ranges::all_of(hidden[2].values, [](float x) { return std::fabs(x) >= 0.5F; }));
  EXPECT_NEAR(static_cast<double>(std::ranges::count_if(hidden[2].values, [](float x) { return x < 0.0F; })), 50.0,
              20.0);
  EXPECT_EQ(subset(make_psp(spec, 1, 0, 2), std::vector<std::uint32_t>{1}).planted[0].values, hidden[0].values);
}

TEST(PspFilters, NoiseIsAdded) {
  const auto clean = make_psp({.rate = 0.0}, 1, 0, 1), noisy = make_psp({.rate = 0.0, .noise = 0.1}, 1, 0, 1);
  EXPECT_TRUE(std::ranges::all_of(clean.step_targets, [](float x) { return x == 0.0F; }));
  double squares = 0.0;
  for (const float x : noisy.step_targets) {
    squares += static_cast<double>(x) * static_cast<double>(x);
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(noisy.step_targets.size())), 0.1, 0.005);
}

TEST(PspFilters, RefusesByName) {
  const auto refusal = [](const psp_spec& spec) { return refusal_of([&] { make_psp(spec, 1, 0, 1); }); };
  EXPECT_THAT(refusal({.steps = 0}), HasSubstr("data.psp.steps"));
  EXPECT_THAT(refusal({.channels = 0}), HasSubstr("data.psp.channels"));
  EXPECT_THAT(refusal({.rise_low = 0.0}), HasSubstr("data.psp.rise_low = 0"));
  EXPECT_THAT(refusal({.rise_high = 0.5}), HasSubstr("at least 1, the least one"));
  EXPECT_THAT(refusal({.decay_low = 8.0}), HasSubstr("above rise_high, 8 ms"));
  EXPECT_THAT(refusal({.noise = -1.0}), HasSubstr("data.psp.noise = -1"));
}

TEST(SpikeTiming, EveryChannelFiresOnceAndTheLeadersEarlier) {
  const timing_spec spec;
  const auto d = make_timing(spec, 1, 0, 60);
  d.validate();
  for (std::uint32_t s = 0; s < 60; ++s) {
    std::vector<std::size_t> times(spec.channels, 0);
    std::size_t spikes = 0;
    for (std::size_t t = 0; t < 200; ++t) {
      for (const auto c : d.inputs.spikes.row(d.inputs.sample_rows[s] + t).channels) {
        times[c] = t;
        ++spikes;
      }
    }
    EXPECT_EQ(spikes, 40u);
    const std::size_t leads = s % 2 == 0 ? 0 : 20, follows = 20 - leads;
    for (std::size_t c = 0; c < 20; ++c) {
      EXPECT_LT(times[leads + c], 93u);
      EXPECT_GE(times[follows + c], 40u);
      EXPECT_LT(times[follows + c], 133u);
    }
    EXPECT_EQ(d.labels[s], static_cast<std::int32_t>(s % 2));
  }
}

TEST(SpikeTiming, RefusesByName) {
  const auto refusal = [](const timing_spec& spec) { return refusal_of([&] { make_timing(spec, 1, 0, 1); }); };
  EXPECT_THAT(refusal({.channels = 7}), HasSubstr("data.timing.channels = 7"));
  EXPECT_THAT(refusal({.lead = 0}), HasSubstr("data.timing.lead = 0"));
  EXPECT_THAT(refusal({.lead = 133}), HasSubstr("less than the 133 steps before the silence"));
}

}  // namespace
}  // namespace backspike
