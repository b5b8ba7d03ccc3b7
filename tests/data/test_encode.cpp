// Encoders against their formulas: spike times, rates, currents, changes.

#include <backspike/core/error.hpp>
#include <backspike/core/random.hpp>
#include <backspike/data/encode.hpp>

#include <gmock/gmock.h>

#include <cmath>
#include <stdexcept>

namespace backspike {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

encoder_spec spec_of(encoder_kind kind) {
  encoder_spec s;
  s.kind = kind;
  return s;
}

ragged_events encoded(const encoder_spec& spec, std::size_t rows, std::size_t columns, const std::vector<float>& values,
                      std::uint64_t seed = 1, std::uint64_t stream = 0) {
  ragged_events out;
  value_encoder(spec, rows, columns, seed).append(values, stream, out);
  return out;
}

std::vector<float> random_values(std::uint64_t seed, std::size_t count) {
  random_stream random(seed, random_purpose::test);
  std::vector<float> values;
  for (std::size_t k = 0; k < count; ++k) {
    values.push_back(static_cast<float>(random.below(256)) / 255.0f);
  }
  return values;
}

std::vector<std::uint32_t> channels_in(const ragged_events& e, std::size_t row) {
  const auto channels = e.spikes.row(row).channels;
  return {channels.begin(), channels.end()};
}

bool same(const ragged_events& a, const ragged_events& b) {
  return a.sample_rows == b.sample_rows && a.spikes.row_offsets == b.spikes.row_offsets &&
         a.spikes.channels == b.spikes.channels && a.spikes.values == b.spikes.values;
}

TEST(Latency, SpikesWhenTheChargingPixelCrossesTheThreshold) {
  auto s = spec_of(encoder_kind::latency);
  s.threshold = 0.25;
  s.tau = 10.0;
  s.steps = 8;
  // 10 ln(x / (x - 1/4)): x = 1 2.877, x = 1/2 6.93, x = 3/8 10.99 (after the end), x = 1/4 never
  const auto e = encoded(s, 1, 5, {0.25f, 0.375f, 0.5f, 1.0f, 0.0f});
  ASSERT_EQ(e.spikes.rows(), 8u);
  EXPECT_THAT(channels_in(e, 2), ElementsAre(3));
  EXPECT_THAT(channels_in(e, 6), ElementsAre(2));
  EXPECT_EQ(e.spikes.size(), 2u);
  s.dt = 2.0;  // 10.99 ms are in step 5 now
  const auto coarse = encoded(s, 1, 5, {0.25f, 0.375f, 0.5f, 1.0f, 0.0f});
  EXPECT_THAT(channels_in(coarse, 1), ElementsAre(3));
  EXPECT_THAT(channels_in(coarse, 3), ElementsAre(2));
  EXPECT_THAT(channels_in(coarse, 5), ElementsAre(1));
}

TEST(Latency, AValueAtTheThresholdNeverSpikes) {
  auto s = spec_of(encoder_kind::latency);  // 0.2 is 51 / 255
  s.steps = 100000;
  EXPECT_EQ(encoded(s, 1, 1, {51.0f / 255.0f}).spikes.size(), 0u);
  EXPECT_EQ(encoded(s, 1, 1, {52.0f / 255.0f}).spikes.size(), 1u);
}

TEST(Latency, EveryChannelSpikesOnceAtMostAndBrighterOnesNotLater) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto s = spec_of(encoder_kind::latency);
    const auto values = random_values(seed, 150);
    const auto e = encoded(s, 10, 15, values);
    e.spikes.validate(150);
    std::vector<std::uint32_t> step(150, s.steps);  // the number of steps: never
    for (std::uint32_t t = 0; t < s.steps; ++t) {
      for (const std::uint32_t c : e.spikes.row(t).channels) {
        EXPECT_EQ(step[c], s.steps) << "a second spike";
        step[c] = t;
      }
    }
    for (std::size_t a = 0; a < 150; ++a) {
      EXPECT_TRUE(values[a] > 0.2f || step[a] == s.steps);
      for (std::size_t b = 0; b < a; ++b) {
        EXPECT_TRUE(values[a] <= values[b] || step[a] <= step[b]);
      }
    }
  }
}

TEST(Poisson, RateIsProportionalToTheValue) {
  auto s = spec_of(encoder_kind::poisson);
  s.steps = 20000;
  s.rate = 200.0;
  const std::vector<float> values{0.0f, 0.1f, 0.5f, 1.0f};
  const auto e = encoded(s, 2, 2, values);
  e.spikes.validate(4);
  std::vector<double> count(4, 0.0);
  for (const std::uint32_t c : e.spikes.channels) {
    count[c] += 1.0;
  }
  EXPECT_EQ(count[0], 0.0);
  for (std::size_t c = 1; c < 4; ++c) {
    const double p = 0.2 * static_cast<double>(values[c]);
    EXPECT_NEAR(count[c], 20000.0 * p, 5.0 * std::sqrt(20000.0 * p * (1.0 - p))) << c;
  }
}

TEST(Poisson, StepsAreIndependent) {
  auto s = spec_of(encoder_kind::poisson);
  s.steps = 50000;
  s.rate = 300.0;
  const auto e = encoded(s, 1, 1, {1.0f});
  std::vector<double> spike(s.steps);
  for (std::size_t t = 0; t < s.steps; ++t) {
    spike[t] = static_cast<double>(e.spikes.row(t).channels.size());
  }
  double first = 0.0, second = 0.0, pairs = 0.0;
  for (std::size_t t = 0; t + 1 < s.steps; ++t) {
    pairs += spike[t] * spike[t + 1];
    (t < s.steps / 2 ? first : second) += spike[t];
  }
  EXPECT_NEAR(pairs / s.steps, 0.09, 0.006);
  EXPECT_NEAR(first, second, 5.0 * std::sqrt(50000.0 * 0.21));
}

TEST(Poisson, ProbabilityOneSpikesInEveryStep) {
  auto s = spec_of(encoder_kind::poisson);
  s.rate = 1000.0;
  EXPECT_EQ(encoded(s, 1, 1, {1.0f}).spikes.size(), s.steps);
}

TEST(Poisson, StreamsAndSeedsDiffer) {
  const auto s = spec_of(encoder_kind::poisson);
  const auto values = random_values(1, 200);
  EXPECT_TRUE(same(encoded(s, 10, 20, values, 3, 4), encoded(s, 10, 20, values, 3, 4)));
  EXPECT_FALSE(same(encoded(s, 10, 20, values, 3, 4), encoded(s, 10, 20, values, 3, 5)));
  EXPECT_FALSE(same(encoded(s, 10, 20, values, 3, 4), encoded(s, 10, 20, values, 4, 4)));
}

TEST(Current, EveryStepCarriesTheValue) {
  auto s = spec_of(encoder_kind::current);
  s.steps = 3;
  s.gain = 2.0;
  const auto e = encoded(s, 1, 3, {0.5f, 0.0f, 0.25f});
  ASSERT_EQ(e.spikes.rows(), 3u);
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_THAT(channels_in(e, t), ElementsAre(0, 2));
    EXPECT_THAT(e.spikes.row(t).values, ElementsAre(1.0f, 0.5f));
  }
}

TEST(Delta, SpikesWhereTheValueHasChangedSinceTheLastSpike) {
  auto s = spec_of(encoder_kind::delta);
  s.threshold = 0.25;
  const value_encoder encoder(s, 4, 2, 1);
  EXPECT_EQ(encoder.channels(), 4u);
  EXPECT_EQ(encoder.steps(), 4u);
  const auto e = encoded(s, 4, 2,
                         {0.5f, 0.25f,     // column 0 rises; column 1 by no more than the threshold
                          0.625f, 0.375f,  // column 1 has risen by 0.375 since the beginning
                          0.75f, 0.0f,     // column 0 by 0.25 since its spike: no more; column 1 falls
                          0.0f, 0.0f});
  EXPECT_THAT(channels_in(e, 0), ElementsAre(0));
  EXPECT_THAT(channels_in(e, 1), ElementsAre(1));
  EXPECT_THAT(channels_in(e, 2), ElementsAre(3));
  EXPECT_THAT(channels_in(e, 3), ElementsAre(2));
}

TEST(Delta, FollowsTheSeriesToWithinTheThreshold) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto s = spec_of(encoder_kind::delta);
    s.threshold = 0.1;
    const auto values = random_values(seed, 28 * 9);
    const auto e = encoded(s, 28, 9, values);
    e.spikes.validate(18);
    std::vector<float> known(9, 0.0f);
    for (std::size_t t = 0; t < 28; ++t) {
      for (const std::uint32_t c : e.spikes.row(t).channels) {
        EXPECT_EQ(c<9, values[t * 9 + c % 9]> known[c % 9]);
        known[c % 9] = values[t * 9 + c % 9];
      }
      for (std::size_t c = 0; c < 9; ++c) {
        EXPECT_LE(std::abs(values[t * 9 + c] - known[c]), 0.1f);
      }
    }
  }
}

/// The step in which a channel spikes; -1: never. Fails if it spikes twice.
int step_of(const ragged_events& e, std::uint32_t channel) {
  int found = -1;
  for (std::size_t t = 0; t < e.spikes.rows(); ++t) {
    for (const std::uint32_t c : channels_in(e, t)) {
      if (c == channel) {
        EXPECT_EQ(found, -1) << "a second spike of channel " << c;
        found = static_cast<int>(t);
      }
    }
  }
  return found;
}

TEST(Population, SpikesByTheResponsesOfItsReceptiveFields) {
  auto s = spec_of(encoder_kind::population);
  s.fields = 5;  // centres -1/6, 1/6, 1/2, 5/6, 7/6; width 1 / (3 beta) = 1/3
  s.beta = 1.0;
  s.threshold = 0.1;
  s.steps = 101;
  EXPECT_EQ(value_encoder(s, 1, 2, 1).channels(), 10u);
  const auto e = encoded(s, 1, 2, {0.5f, 1.0f});
  e.spikes.validate(10);
  // 1/2 is 2, 1, 0, 1, 2 widths away: responses exp(-2) = 0.135, exp(-1/2) = 0.607, 1, 0.607, 0.135
  EXPECT_EQ(step_of(e, 0), 86);
  EXPECT_EQ(step_of(e, 1), 39);
  EXPECT_EQ(step_of(e, 2), 0);
  EXPECT_EQ(step_of(e, 3), 39);
  EXPECT_EQ(step_of(e, 4), 86);
  // 1 is 3.5, 2.5, 1.5, 0.5, -0.5 widths away: exp(-6.125), exp(-3.125) = 0.044, exp(-1.125) = 0.325, exp(-0.125) =
  // 0.882
  EXPECT_EQ(step_of(e, 5), -1);
  EXPECT_EQ(step_of(e, 6), -1);
  EXPECT_EQ(step_of(e, 7), 68);
  EXPECT_EQ(step_of(e, 8), 12);
  EXPECT_EQ(step_of(e, 9), 12);
}

TEST(Population, EveryValueHasAnEarlySpikeAndNeighboursSoundAlike) {
  auto s = spec_of(encoder_kind::population);
  s.steps = 1001;
  for (int k = 0; k <= 100; ++k) {  // the nearest centre is half a distance away at most: response exp(-beta^2 / 8)
    const auto e = encoded(s, 1, 1, {static_cast<float>(k) / 100.0f});
    int first = 1001;
    for (std::uint32_t c = 0; c < s.fields; ++c) {
      first = step_of(e, c) < 0 ? first : std::min(first, step_of(e, c));
    }
    EXPECT_LE(first, 245 + 1) << k;  // 1 - exp(-1.5^2 / 8) = 0.2452
    EXPECT_GE(e.spikes.size(), 2u);
    EXPECT_LE(e.spikes.size(), 3u);
  }
}

TEST(Encoder, ResultDoesNotDependOnThreads) {
  for (const auto& [kind, name] : enum_names<encoder_kind>) {
    SCOPED_TRACE(name);
    auto s = spec_of(kind);
    s.steps = 10;
    const value_encoder encoder(s, 5, 6, 9);
    std::vector<std::uint32_t> samples;
    for (std::uint32_t k = 0; k < 5000; ++k) {
      samples.push_back((k * 7919) % 5000);
    }
    const auto source = [](std::uint32_t sample, std::span<float> values) {
      const auto own = random_values(sample % 50, values.size());
      std::copy(own.begin(), own.end(), values.begin());
    };
    thread_pool one(1), three(3);
    const auto a = encode_samples(encoder, samples, source, 100, one);
    EXPECT_TRUE(same(a, encode_samples(encoder, samples, source, 100, three)));
    ASSERT_EQ(a.samples(), 5000u);
    a.spikes.validate(encoder.channels());
    const std::size_t k = 4321;  // each sample is what append makes of it alone
    const auto alone = encoded(s, 5, 6, random_values(samples[k] % 50, 30), 9, 100 + samples[k]);
    ASSERT_EQ(alone.length(0), a.length(k));
    ASSERT_GT(alone.spikes.size(), 0u);
    for (std::size_t t = 0; t < alone.length(0); ++t) {
      EXPECT_EQ(channels_in(alone, t), channels_in(a, a.sample_rows[k] + t));
    }
  }
}

TEST(Encoder, ProgressReachesTheEndAndMayEndTheWork) {
  const value_encoder encoder(spec_of(encoder_kind::latency), 1, 1, 1);
  const std::vector<std::uint32_t> samples(10000, 0);
  const auto source = [](std::uint32_t, std::span<float> values) { values[0] = 1.0f; };
  thread_pool pool(2);
  std::vector<std::size_t> seen;
  encode_samples(encoder, samples, source, 0, pool, [&](const std::string&, std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 10000u);
    seen.push_back(done);
  });
  EXPECT_GT(seen.size(), 1u);
  EXPECT_EQ(seen.back(), 10000u);
  const auto stop = [](const std::string&, std::size_t, std::size_t) { throw std::runtime_error("stop"); };
  EXPECT_THROW(encode_samples(encoder, samples, source, 0, pool, stop), std::runtime_error);
  EXPECT_THAT(encode_samples(encoder, {}, source, 0, pool).spikes.channels, IsEmpty());
}

TEST(Encoder, RefusesSettingsThatMakeNoSense) {
  const auto refused = [](encoder_kind kind, double encoder_spec::*setting, double value) {
    auto s = spec_of(kind);
    s.*setting = value;
    EXPECT_THROW(value_encoder(s, 2, 2, 1), value_error) << value;
  };
  refused(encoder_kind::latency, &encoder_spec::tau, 0.0);
  refused(encoder_kind::latency, &encoder_spec::threshold, 1.0);
  refused(encoder_kind::latency, &encoder_spec::dt, 0.0);
  refused(encoder_kind::latency, &encoder_spec::dt, std::nan(""));
  refused(encoder_kind::poisson, &encoder_spec::rate, 1001.0);
  refused(encoder_kind::poisson, &encoder_spec::rate, -1.0);
  refused(encoder_kind::current, &encoder_spec::gain, std::nan(""));
  refused(encoder_kind::delta, &encoder_spec::threshold, -0.1);
  refused(encoder_kind::delta, &encoder_spec::threshold, 1.0);
  refused(encoder_kind::population, &encoder_spec::threshold, 1.0);
  refused(encoder_kind::population, &encoder_spec::beta, 0.0);
  auto s = spec_of(encoder_kind::latency);
  s.steps = 0;
  EXPECT_THROW(value_encoder(s, 2, 2, 1), value_error);
  s = spec_of(encoder_kind::population);
  s.fields = 2;
  EXPECT_THROW(value_encoder(s, 2, 2, 1), value_error);
  s.fields = 65536;
  EXPECT_NO_THROW(value_encoder(s, 255, 255, 1));
  EXPECT_THROW(value_encoder(s, 256, 256, 1), value_error) << "2^32 channels";
}

TEST(Encoder, ForecastsTheBytesOfASample) {
  const auto values = random_values(3, 400);
  const auto bytes_used = [](const ragged_events& e) {
    return static_cast<double>(4 * e.spikes.channels.size() + 4 * e.spikes.values.size() + 8 * e.spikes.rows());
  };
  for (const auto& [kind, name] : enum_names<encoder_kind>) {
    SCOPED_TRACE(name);
    auto s = spec_of(kind);
    s.steps = 200;
    const double used = bytes_used(encoded(s, 20, 20, values));
    const double forecast = value_encoder(s, 20, 20, 1).bytes_of(values);
    EXPECT_GE(forecast, 0.95 * used);
    EXPECT_LE(forecast, 2.0 * used);
  }
}

TEST(Encoder, RefusesValuesOutsideTheirRange) {
  const auto s = spec_of(encoder_kind::latency);
  for (const float value : {-0.1f, 1.1f, std::nanf("")}) {
    try {
      encoded(s, 1, 2, {0.5f, value});
      ADD_FAILURE() << value << " was accepted";
    } catch (const value_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("value 1"));
    }
  }
  EXPECT_THROW(encoded(s, 1, 2, {0.5f}), shape_error);
}

}  // namespace
}  // namespace backspike
